package org.tutti.lightclient.sync;

import org.tutti.bitcoin.block.SerializedBlock;
import org.tutti.lightclient.broadcast.PendingTransaction;
import org.tutti.lightclient.internal.peers.PeerOutput;
import org.tutti.lightclient.peers.PeerAddress;

import java.util.List;
import java.util.Optional;

/// What the engine wants done.
sealed interface SyncOutput {
    /// Something for a peer.
    record ToPeer(PeerOutput output) implements SyncOutput {}

    /// An endpoint is to be dialled; what becomes of it is told by `PeerReady` and `PeerGone`.
    record Dial(PeerAddress address) implements SyncOutput {}

    /// Something for the store of transactions that wait for a block, before what follows is done.
    record SavePending(List<PendingTransaction> pending) implements SyncOutput {}

    /// The answer to a [SyncInput.Fetch].
    ///
    /// @param block checked; nothing if the best chain does not have it, or no longer, or nobody
    ///   delivers it
    record Fetched(long number, Optional<SerializedBlock> block) implements SyncOutput {}

    /// Something for the listener.
    record ToListener(ChainEvent event) implements SyncOutput {}
}
