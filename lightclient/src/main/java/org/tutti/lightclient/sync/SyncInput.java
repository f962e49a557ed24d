package org.tutti.lightclient.sync;

import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.lightclient.broadcast.PendingTransaction;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.peers.PeerAddress;
import org.tutti.lightclient.wire.P2pMessage;

import java.util.List;
import java.util.Optional;

/// What happens to the engine.
sealed interface SyncInput {
    /// A handshake is done.
    ///
    /// @param peer a number never used before
    /// @param name as configured
    /// @param wtxidRelay whether transactions are announced by wtxid (BIP339)
    record PeerReady(long peer, String name, P2pMessage.Version version, boolean wtxidRelay)
            implements SyncInput {
        /// A peer that knows nothing of wtxids.
        PeerReady(long peer, String name, P2pMessage.Version version) {
            this(peer, name, version, false);
        }
    }

    /// A connection has ended. Also told for attempts that never became ready.
    record PeerGone(long peer, String name, DisconnectReason reason) implements SyncInput {}

    /// @param bytes that the message had on the wire
    record Received(long peer, P2pMessage message, long bytes) implements SyncInput {
        Received(long peer, P2pMessage message) {
            this(peer, message, 0);
        }
    }

    /// Our owner wants this broadcast.
    ///
    /// @param minedIn the block that has it already, as far as the owner has been told
    record Broadcast(PendingTransaction pending, Optional<BlockHash> minedIn)
            implements SyncInput {}

    /// These waited for a block before the client was started.
    record Resume(List<PendingTransaction> saved) implements SyncInput {}

    /// Our owner wants this block of the best chain.
    ///
    /// @param number a number never used before
    record Fetch(long number, int height) implements SyncInput {}

    /// Our owner names these peers from now on, and no others.
    record Configured(List<PeerAddress> peers) implements SyncInput {
        public Configured {
            peers = List.copyOf(peers);
        }
    }

    /// Time has passed.
    record Tick() implements SyncInput {}
}
