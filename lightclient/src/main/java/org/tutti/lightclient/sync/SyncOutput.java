package org.tutti.lightclient.sync;

import org.tutti.lightclient.peers.PeerAddress;
import org.tutti.lightclient.peers.PeerOutput;

/// What the engine wants done.
sealed interface SyncOutput {
    /// Something for a peer.
    record ToPeer(PeerOutput output) implements SyncOutput {}

    /// An endpoint is to be dialled; what becomes of it is told by `PeerReady` and `PeerGone`.
    record Dial(PeerAddress address) implements SyncOutput {}

    /// Something for the listener.
    record ToListener(ChainEvent event) implements SyncOutput {}
}
