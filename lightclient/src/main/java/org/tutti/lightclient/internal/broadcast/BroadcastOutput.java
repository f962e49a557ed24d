package org.tutti.lightclient.internal.broadcast;

import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.broadcast.PendingTransaction;
import org.tutti.lightclient.internal.peers.PeerOutput;

import java.util.List;

/// What a [TransactionBroadcaster] wants done, in order.
public sealed interface BroadcastOutput {
    /// Something for a peer.
    record ToPeer(PeerOutput output) implements BroadcastOutput {}

    /// Something for the owner, who gave the transaction.
    record Report(BroadcastEvent event) implements BroadcastOutput {}

    /// These are to outlive a restart from now on, and no others, before anything that follows is
    /// done.
    record Save(List<PendingTransaction> pending) implements BroadcastOutput {}
}
