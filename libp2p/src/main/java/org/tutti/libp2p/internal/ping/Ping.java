package org.tutti.libp2p.internal.ping;

import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.ping.PingException;
import org.tutti.libp2p.ping.PingStream;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.Stream;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;

/// `/ipfs/ping/1.0.0` (libp2p/specs ping/ping.md): answers 32 bytes with the same 32 bytes, as
/// often as the dialer likes.
public final class Ping implements NetworkBehaviour {
    public static final String PROTOCOL = "/ipfs/ping/1.0.0";

    /// Bytes of one ping.
    static final int SIZE = 32;

    /// ping.md: "The listening peer SHOULD accept at most two streams per peer".
    static final int MAX_INBOUND_STREAMS = 2;

    /// How long the dialer of an inbound stream may stay silent: js pings every 10 s, go every 15
    /// s.
    private static final Duration IDLE = Duration.ofSeconds(60);

    private final SecureRandom random;

    /// @param random seeds what is sent in pings
    public Ping(SecureRandom random) {
        this.random = random;
    }

    @Override
    public List<InboundProtocol> protocols() {
        return List.of(new InboundProtocol(PROTOCOL, MAX_INBOUND_STREAMS, Ping::answer));
    }

    /// Opens a stream for any number of pings. Open one per peer at a time: "The dialing peer MUST
    /// NOT keep more than one outbound stream for the ping protocol per peer" (ping.md).
    ///
    /// @param timeout for each of them
    public PingStream open(Connection connection, Duration timeout) throws IOException {
        Stream stream = connection.openStreamLazily(PROTOCOL);
        stream.setReadTimeout(timeout);
        stream.setWriteTimeout(timeout);
        return new NegotiatedPingStream(stream, random.nextLong());
    }

    /// Pings once on a stream of its own.
    ///
    /// @return the round-trip time, that of the negotiation included
    /// @throws PingException if the remote sends back something else
    /// @throws java.net.SocketTimeoutException if it does not answer in time
    public Duration ping(Connection connection, Duration timeout) throws IOException {
        try (PingStream stream = open(connection, timeout)) {
            return stream.ping();
        }
    }

    /// ping.md: the listener echoes "until the dialer closes the stream". js half-closes right
    /// after its 32 bytes: those are answered all the same.
    private static void answer(Stream stream) throws IOException {
        stream.setReadTimeout(IDLE);
        stream.setWriteTimeout(IDLE);
        byte[] ping = new byte[SIZE];
        while (true) {
            int first = stream.read(ping, 0, SIZE);
            if (first < 0) {
                return;
            }
            Frames.readFully(stream, ping, first, SIZE - first);
            stream.write(ping, 0, SIZE);
        }
    }
}
