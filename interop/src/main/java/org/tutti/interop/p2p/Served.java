package org.tutti.interop.p2p;

import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.muxer.StreamResetException;
import org.tutti.libp2p.swarm.Stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/// The listener's side of the protocols.
final class Served {
    static final String ECHO = "/tutti/interop/echo/1";
    static final String BULK = "/tutti/interop/bulk/1";
    static final String RESET = "/tutti/interop/reset/1";

    /// Answered by the dialer, and only once it is connected: the listener learns of it by a push.
    static final String NEW = "/tutti/interop/new/1";

    /// More than the streams of one peer in any check.
    private static final int STREAMS_PER_PEER = 128;

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private Served() {}

    static void by(Host host) {
        host.handle(new InboundProtocol(ECHO, STREAMS_PER_PEER, Served::echo));
        host.handle(new InboundProtocol(BULK, STREAMS_PER_PEER, Served::bulk));
        host.handle(new InboundProtocol(RESET, STREAMS_PER_PEER, Served::reset));
    }

    private static void echo(Stream stream) throws IOException {
        stream.setReadTimeout(TIMEOUT);
        byte[] buffer = new byte[Pattern.BLOCK];
        try {
            for (int count = stream.read(buffer, 0, buffer.length);
                    count >= 0;
                    count = stream.read(buffer, 0, buffer.length)) {
                stream.write(buffer, 0, count);
            }
        } catch (StreamResetException e) {
            Peer.say("\"event\":\"reset-seen\"");
            throw e;
        }
    }

    private static void bulk(Stream stream) throws IOException {
        stream.setReadTimeout(TIMEOUT);
        byte[] wanted = new byte[Long.BYTES];
        Frames.readFully(stream, wanted, 0, wanted.length);
        byte[] hash = Pattern.hashToEnd(stream);
        stream.write(hash, 0, hash.length);
        byte[] sent = Pattern.write(stream, ByteBuffer.wrap(wanted).getLong());
        stream.write(sent, 0, sent.length);
    }

    private static void reset(Stream stream) throws IOException {
        stream.setReadTimeout(TIMEOUT);
        Frames.readFully(stream, new byte[1], 0, 1);
        stream.reset();
    }
}
