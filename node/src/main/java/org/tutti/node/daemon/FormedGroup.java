package org.tutti.node.daemon;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.node.api.NodeStatus;
import org.tutti.signing.group.Member;
import org.tutti.wallet.coins.LateChain;

import java.util.function.BooleanSupplier;

/// A group that strangers have formed, in which this node takes part.
///
/// @param chain its blocks, from its birthday on
/// @param signs whether this node signs anything for it now
record FormedGroup(
        Setup setup, GroupPart part, GroupService service, LateChain chain, BooleanSupplier signs) {
    boolean hasPeer(PeerId peer) {
        return setup.others().stream().map(Member::peerId).anyMatch(peer::equals);
    }

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
                state.coins(),
                state.payments());
    }
}
