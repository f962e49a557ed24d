package org.tutti.libp2p.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;

/// An authenticated connection to one peer that carries many streams. Safe for all threads.
public interface Connection extends AutoCloseable {
    /// Names this connection in log lines, events and metrics: `c` and a number, which counts the
    /// connections of this host.
    String id();

    /// Who is at the other end: the id of `remoteKey`.
    PeerId remotePeer();

    /// The identity key that the peer proved to hold.
    PublicKey remoteKey();

    /// Our end, without `/p2p`.
    Multiaddr localAddress();

    /// The peer's end, without `/p2p`.
    Multiaddr remoteAddress();

    /// Whether we dialled.
    boolean isOutbound();

    /// Whether it is limited in time or bytes, as a connection through a relay is.
    boolean isLimited();

    /// Whether it has not ended yet, for any reason.
    boolean isOpen();

    /// How many streams it carries, in both directions together.
    int streamCount();

    /// How many bytes were received on it so far: all of the transport's, handshakes, encryption
    /// and frames included.
    long bytesIn();

    /// How many were sent.
    long bytesOut();

    /// Opens a stream for the first of these protocols, in our order, that the remote supports. The
    /// remote has agreed when this returns, except where identify already told that it supports the
    /// only protocol asked for: then the negotiation travels with the first bytes written, and a
    /// refusal shows at the first read.
    ///
    /// @throws ProtocolNotSupportedException if the remote supports none of them
    /// @throws LimitExceededException if a bound of ours on open streams is reached
    /// @throws IOException if the connection ends or the remote does not answer in time
    Stream openStream(String... protocols) throws IOException;

    /// Opens a stream without a round trip even if nothing is known about the remote: the
    /// negotiation travels with the first bytes written. A refusal shows at the first read, as
    /// `ProtocolNotSupportedException`.
    Stream openStreamLazily(String protocol) throws IOException;

    /// Ends the connection and all its streams. Idempotent, never throws.
    @Override
    void close();
}
