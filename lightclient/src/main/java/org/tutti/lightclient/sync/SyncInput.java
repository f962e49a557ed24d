package org.tutti.lightclient.sync;

import org.tutti.bitcoin.tx.Transaction;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.wire.P2pMessage;

/// What happens to the engine.
sealed interface SyncInput {
    /// A handshake is done.
    ///
    /// @param peer a number never used before
    /// @param name as configured
    record PeerReady(long peer, String name, P2pMessage.Version version) implements SyncInput {}

    /// A connection has ended. Also told for attempts that never became ready.
    record PeerGone(long peer, String name, DisconnectReason reason) implements SyncInput {}

    /// @param bytes that the message had on the wire
    record Received(long peer, P2pMessage message, long bytes) implements SyncInput {
        Received(long peer, P2pMessage message) {
            this(peer, message, 0);
        }
    }

    /// Our owner wants this broadcast.
    record Broadcast(Transaction transaction) implements SyncInput {}

    /// Time has passed.
    record Tick() implements SyncInput {}
}
