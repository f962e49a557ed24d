package org.tutti.lightclient.broadcast;

import org.tutti.lightclient.peers.PeerOutput;

/// What a [TransactionBroadcaster] wants done.
public sealed interface BroadcastOutput {
    /// Something for a peer.
    record ToPeer(PeerOutput output) implements BroadcastOutput {}

    /// Something for the owner, who gave the transaction.
    record Report(BroadcastResult result) implements BroadcastOutput {}
}
