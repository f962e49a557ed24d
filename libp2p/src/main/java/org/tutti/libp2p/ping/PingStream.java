package org.tutti.libp2p.ping;

import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.transport.Frames;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;

/// An open stream to ping on, one ping at a time. For one thread.
public final class PingStream implements AutoCloseable {
    private final Stream stream;
    private final SplittableRandom random;
    private final byte[] sent = new byte[Ping.SIZE];
    private final byte[] received = new byte[Ping.SIZE];

    PingStream(Stream stream, long seed) {
        this.stream = stream;
        this.random = new SplittableRandom(seed);
    }

    /// Sends 32 random bytes and waits for them to come back.
    ///
    /// @return the round-trip time
    /// @throws PingException if something else comes back; the stream is reset then
    /// @throws java.net.SocketTimeoutException if nothing does in time; the stream is reset then
    public Duration ping() throws IOException {
        random.nextBytes(sent);
        boolean done = false;
        try {
            long start = System.nanoTime();
            stream.write(sent, 0, sent.length);
            Frames.readFully(stream, received, 0, received.length);
            long nanos = System.nanoTime() - start;
            if (!Arrays.equals(sent, received)) {
                throw new PingException(stream.remotePeer());
            }
            done = true;
            return Duration.ofNanos(nanos);
        } finally {
            if (!done) {
                stream.reset();
            }
        }
    }

    @Override
    public void close() {
        stream.close();
    }
}
