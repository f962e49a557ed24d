package org.tutti.node.daemon;

import org.tutti.node.api.NodeStatus;
import org.tutti.wallet.coins.LateChain;

import java.util.function.BooleanSupplier;

/// What a node answers about a group that strangers have formed with it.
///
/// @param chain its blocks, from its birthday on
/// @param signs whether this node signs anything for it now
record FormedGroup(GroupService service, LateChain chain, BooleanSupplier signs) {
    /// Most coins, and payments, of one group in a status: a node may be in many.
    static final int MAX_LISTED = 20;

    NodeStatus.FormedGroup status() {
        GroupService.Formed formed = service.formed().orElseThrow();
        GroupService.State state = service.state();
        return new NodeStatus.FormedGroup(
                formed.id(),
                formed.name(),
                state.address().orElse(""),
                chain.isCaughtUp(),
                chain.reached(),
                signs.getAsBoolean(),
                state.members(),
                state.balance(),
                state.coins().stream().limit(MAX_LISTED).toList(),
                state.payments().stream().limit(MAX_LISTED).toList());
    }
}
