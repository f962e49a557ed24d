package org.tutti.lightclient.sync;

import org.tutti.lightclient.peers.PeerOutput;

/// What the engine wants done.
sealed interface SyncOutput {
    /// Something for a peer.
    record ToPeer(PeerOutput output) implements SyncOutput {}

    /// Something for the listener.
    record ToListener(ChainEvent event) implements SyncOutput {}
}
