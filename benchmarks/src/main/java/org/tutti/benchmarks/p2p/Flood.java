package org.tutti.benchmarks.p2p;

import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.security.SecureConnection;
import org.tutti.libp2p.security.noise.NoiseSecurity;
import org.tutti.libp2p.transport.tcp.TcpTransport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;

/// What a peer that floods sends, over and over: Yamux frames (yamux/README.md#framing) written by
/// hand.
enum Flood {
    NONE {
        @Override
        byte[] frames() {
            return new byte[0];
        }
    },
    OPEN_AND_RESET {
        @Override
        byte[] frames() {
            return many(i -> frame(WINDOW_UPDATE, i % 2 == 0 ? SYN : RST, 3 + 2 * (i / 2), 0));
        }
    },
    DATA_FOR_ENDED_STREAMS {
        @Override
        byte[] frames() {
            return many(_ -> data(9, 1));
        }
    },
    EMPTY_DATA {
        @Override
        byte[] frames() {
            return many(_ -> data(1, 0));
        }
    },
    EMPTY_CREDIT {
        @Override
        byte[] frames() {
            return many(_ -> frame(WINDOW_UPDATE, 0, 1, 0));
        }
    },
    PINGS {
        @Override
        byte[] frames() {
            return many(i -> frame(PING, SYN, 0, i));
        }
    },
    /// Each is answered, so nothing ends it.
    PINGS_ON_A_STREAM {
        @Override
        byte[] frames() {
            return many(_ -> data(1, 32));
        }
    };

    private static final int DATA = 0;
    private static final int WINDOW_UPDATE = 1;
    private static final int PING = 2;
    private static final int SYN = 1;
    private static final int RST = 8;
    private static final int HEADER = 12;
    private static final int FRAMES = 20_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    abstract byte[] frames();

    private static byte[] many(IntFunction<byte[]> each) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < FRAMES; i++) {
            out.writeBytes(each.apply(i));
        }
        return out.toByteArray();
    }

    private static byte[] frame(int type, int flags, int stream, int length) {
        return ByteBuffer.allocate(HEADER)
                .put((byte) 0)
                .put((byte) type)
                .putShort((short) flags)
                .putInt(stream)
                .putInt(length)
                .array();
    }

    private static byte[] data(int stream, int length) {
        return ByteBuffer.allocate(HEADER + length).put(frame(DATA, 0, stream, length)).array();
    }

    /// A ping stream, which every host answers.
    private static byte[] opening() {
        byte[] open =
                "\u0013/multistream/1.0.0\n\u0011/ipfs/ping/1.0.0\n"
                        .getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(HEADER + open.length)
                .put(frame(DATA, SYN, 1, open.length))
                .put(open)
                .array();
    }

    /// Connects and sends as fast as it can, and connects again when it is thrown out, until the
    /// thread is interrupted.
    void run(Multiaddr address) {
        byte[] frames = frames();
        while (frames.length > 0 && !Thread.currentThread().isInterrupted()) {
            try (SecureConnection connection = connect(address)) {
                Thread.ofPlatform().daemon(true).start(() -> drop(connection));
                byte[] opening = opening();
                connection.write(opening, 0, opening.length);
                while (!Thread.currentThread().isInterrupted()) {
                    connection.write(frames, 0, frames.length);
                }
            } catch (IOException e) {
                // Thrown out.
            }
        }
    }

    private static void drop(SecureConnection connection) {
        byte[] answers = new byte[65_536];
        try {
            while (connection.read(answers, 0, answers.length) >= 0) {
                // Else it would be ended because it does not read.
            }
        } catch (IOException e) {
            // Thrown out.
        }
    }

    private static SecureConnection connect(Multiaddr address) throws IOException {
        PeerId peer = address.peerId().orElseThrow();
        RawConnection raw = new TcpTransport().dial(address, TIMEOUT);
        byte[] proposal =
                "\u0013/multistream/1.0.0\n\u0007/noise\n".getBytes(StandardCharsets.UTF_8);
        raw.write(proposal, 0, proposal.length);
        Frames.readFully(raw, new byte[proposal.length], 0, proposal.length);
        return new NoiseSecurity(
                        Keys.generate(KeyType.ED25519, new SecureRandom()), List.of("/yamux/1.0.0"))
                .secureOutbound(raw, peer);
    }
}
