package org.tutti.lightclient.sync;

import org.tutti.lightclient.broadcast.PendingTransaction;
import org.tutti.lightclient.internal.peers.PeerOutput;
import org.tutti.lightclient.peers.PeerAddress;

import java.util.List;

/// What the engine wants done.
sealed interface SyncOutput {
    /// Something for a peer.
    record ToPeer(PeerOutput output) implements SyncOutput {}

    /// An endpoint is to be dialled; what becomes of it is told by `PeerReady` and `PeerGone`.
    record Dial(PeerAddress address) implements SyncOutput {}

    /// Something for the store of transactions that wait for a block, before what follows is done.
    record SavePending(List<PendingTransaction> pending) implements SyncOutput {}

    /// Something for the listener.
    record ToListener(ChainEvent event) implements SyncOutput {}
}
