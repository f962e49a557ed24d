package org.tutti.libp2p.internal.pubsub.driver;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.pubsub.Rpc;
import org.tutti.libp2p.swarm.Stream;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/// What the driver has of one connected peer. Fields that are not final belong to the driver's
/// lock.
final class PeerLink {
    final PeerId peer;

    /// The stream that we read, where there is one of a kind that the newest replaces. Of any
    /// thread.
    final AtomicReference<@Nullable Stream> inbound = new AtomicReference<>();

    /// Connections that are open.
    int connections;

    /// Whether the last of them has ended.
    boolean gone;

    /// What our stream carries next; null while there is none.
    @Nullable SendQueue queue;

    /// Whether a thread opens our stream or writes to it, or is about to.
    boolean writing;

    /// Whether the peer speaks none of the protocols, as far as we know.
    boolean unsupported;

    /// How often our stream has ended in a row, soon after it was opened.
    int failures;

    /// Whether each RPC goes on a stream of its own.
    boolean oneStreamEach;

    /// What was written to the last stream and may have been lost, because the peer reads but one
    /// RPC from a stream.
    List<Rpc> repeat = List.of();

    PeerLink(PeerId peer) {
        this.peer = peer;
    }
}
