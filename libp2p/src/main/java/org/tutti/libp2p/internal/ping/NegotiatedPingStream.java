package org.tutti.libp2p.internal.ping;

import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.ping.PingException;
import org.tutti.libp2p.ping.PingStream;
import org.tutti.libp2p.swarm.Stream;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Pings on a stream that speaks `Ping.PROTOCOL`.
final class NegotiatedPingStream implements PingStream {
    private final Stream stream;
    private final SplittableRandom random;
    private final byte[] sent = new byte[Ping.SIZE];
    private final byte[] received = new byte[Ping.SIZE];

    NegotiatedPingStream(Stream stream, long seed) {
        this.stream = stream;
        this.random = new SplittableRandom(seed);
    }

    @Override
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
