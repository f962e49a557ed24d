package org.tutti.libp2p.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;

/// What happened in a swarm: the events of connections alone; what protocols tell is in types of
/// theirs ([HostEvent]). Delivered to each subscriber in order, one at a time, on a virtual thread
/// of the subscriber's own and never under a lock.
public sealed interface SwarmEvent extends HostEvent {
    /// A listener is open at an address (without `/p2p`).
    record Listening(Multiaddr address) implements SwarmEvent {}

    /// A connection can carry streams.
    ///
    /// @param connections how many are open to this peer now, this one counted: 1 means that the
    ///   peer was not connected before
    /// @param connectionId see [Connection#id]
    record ConnectionOpened(
            PeerId peer,
            Multiaddr remoteAddress,
            boolean outbound,
            int connections,
            String connectionId)
            implements SwarmEvent {}

    /// A connection has ended.
    ///
    /// @param reason a sentence for a person
    /// @param connections how many remain to this peer: 0 means that it is no longer connected
    /// @param connectionId see [Connection#id]
    record ConnectionClosed(
            PeerId peer,
            Multiaddr remoteAddress,
            boolean outbound,
            String reason,
            int connections,
            String connectionId)
            implements SwarmEvent {}

    /// A dial of ours led to no connection.
    record DialFailed(PeerId peer, SwarmException cause) implements SwarmEvent {}

    /// An inbound connection was closed before it could carry streams.
    ///
    /// @param code `GATED`, `LIMIT_EXCEEDED`, `TIMEOUT`, `HANDSHAKE_FAILED`, `CLOSED`, or `DEFECT`
    ///   if the gater or we failed
    /// @param detail a sentence for a person
    record InboundRefused(Multiaddr remoteAddress, String code, String detail)
            implements SwarmEvent {}

    /// This subscriber was too slow and missed events.
    ///
    /// @param count how many since the event before
    record EventsDropped(long count) implements SwarmEvent {}
}
