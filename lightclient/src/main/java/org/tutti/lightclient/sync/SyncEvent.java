package org.tutti.lightclient.sync;

import org.tutti.bitcoin.tx.Transaction;
import org.tutti.lightclient.connection.PeerFault;
import org.tutti.lightclient.wire.P2pMessage;

/// What happens to the engine.
sealed interface SyncEvent {
    /// A handshake is done.
    ///
    /// @param peer a number never used before
    /// @param name as configured
    record PeerReady(long peer, String name, P2pMessage.Version version) implements SyncEvent {}

    /// A connection has ended. Also told for attempts that never became ready.
    record PeerGone(long peer, String name, PeerFault fault) implements SyncEvent {}

    record Received(long peer, P2pMessage message) implements SyncEvent {}

    /// Our owner wants this relayed.
    record Broadcast(Transaction transaction) implements SyncEvent {}

    /// Time has passed.
    record Tick() implements SyncEvent {}
}
