package org.tutti.libp2p.metrics;

import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.Connection;

import java.time.Duration;

/// Hears what a host counts and measures, as it happens. Implement what is of interest.
///
/// Called by threads of the host, several at a time; every method returns at once. What it throws
/// is logged and changes nothing. No call is made for bytes: those of a connection are asked of it
/// ([Connection#bytesIn]), at its end at the latest, and those of a stream are told at its end.
///
/// An outcome is `OK` or a stable upper-case code, such as `TIMEOUT`, `REFUSED`, `WRONG_PEER_ID`.
public interface Metrics {
    /// The outcome of what succeeded.
    String OK = "OK";

    /// Nobody hears.
    Metrics NONE = new Metrics() {};

    /// A connection can carry streams.
    default void connectionOpened(Connection connection) {}

    /// A connection has ended; follows its `connectionOpened`.
    ///
    /// @param lasted since it was opened
    default void connectionClosed(Connection connection, Duration lasted) {}

    /// One address was dialled, to a connection that can carry streams or to a failure.
    ///
    /// @param took from the first packet to the end of the handshake, or to the failure
    default void dialEnded(Multiaddr address, Duration took, String outcome) {}

    /// Security and muxer were negotiated, or this failed. Not told of transports that secure their
    /// connections themselves.
    ///
    /// @param outbound whether we dialled
    default void handshakeEnded(boolean outbound, Duration took, String outcome) {}

    /// A connection or stream was refused.
    ///
    /// @param reason as in [HostStats#refused]
    default void refused(String reason) {}

    /// A stream was opened and speaks this protocol. One that we open is told before the remote has
    /// agreed, where the negotiation travels with its first bytes.
    default void streamOpened(String protocol, boolean inbound) {}

    /// A stream was closed or reset on our side, its handler has returned, or its connection has
    /// ended; follows its `streamOpened`.
    ///
    /// @param bytesIn what was read of it, without framing
    /// @param bytesOut what was written to it, likewise
    default void streamClosed(String protocol, boolean inbound, long bytesIn, long bytesOut) {}
}
