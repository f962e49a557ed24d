package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.libp2p.internal.ping.Ping;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.ping.PingStream;
import org.tutti.libp2p.security.SecureConnection;
import org.tutti.libp2p.transport.tcp.TcpTransport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/// All virtual threads of a host share one carrier, and mallory sends as fast as she can: the
/// thread that reads her frames never waits. Others are served all the same.
@Timeout(120)
class OneCarrierTest {
    private static final int DATA = 0;
    private static final int WINDOW_UPDATE = 1;
    private static final int PING = 2;
    private static final int SYN = 1;
    private static final int ACK = 2;
    private static final int RST = 8;

    /// More than would come back in the time if each waited for mallory to pause.
    private static final int PINGS = 300;

    private static Process process;
    private static Multiaddr address;

    /// Ends mallory.
    private volatile boolean stopped;

    /// What mallory sends over and over.
    enum Flood {
        OPEN_AND_RESET {
            @Override
            byte[] frames() {
                return run(i -> {
                    int id = 3 + 2 * (i / 2);
                    return i % 2 == 0
                            ? frame(WINDOW_UPDATE, SYN, id, 0)
                            : frame(WINDOW_UPDATE, RST, id, 0);
                });
            }
        },
        DATA_FOR_ENDED_STREAMS {
            @Override
            byte[] frames() {
                return run(i -> data(0, 9, 1));
            }
        },
        EMPTY_DATA {
            @Override
            byte[] frames() {
                return run(i -> data(i == 0 ? SYN : 0, 1, 0));
            }
        },
        EMPTY_CREDIT {
            @Override
            byte[] frames() {
                return run(i -> frame(WINDOW_UPDATE, i == 0 ? SYN : 0, 1, 0));
            }
        },
        PINGS {
            @Override
            byte[] frames() {
                return run(i -> frame(PING, SYN, 0, i));
            }
        },
        ANSWERS_TO_NO_PING {
            @Override
            byte[] frames() {
                return run(i -> frame(PING, ACK, 0, i));
            }
        },
        /// Useful to somebody, so nothing ends it but the window: a ping that is never read.
        PINGS_ON_A_STREAM {
            @Override
            byte[] opening() {
                byte[] open =
                        ("\u0013/multistream/1.0.0\n\u0011" + Ping.PROTOCOL + "\n")
                                .getBytes(StandardCharsets.UTF_8);
                return ByteBuffer.allocate(12 + open.length)
                        .put(frame(DATA, SYN, 1, open.length))
                        .put(open)
                        .array();
            }

            @Override
            byte[] frames() {
                return run(i -> data(0, 1, 32));
            }
        };

        /// What she sends once.
        byte[] opening() {
            return new byte[0];
        }

        /// A long run of frames: the first use of each stream id is in it.
        abstract byte[] frames();

        private static byte[] run(IntFunction<byte[]> each) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            for (int i = 0; i < 20_000; i++) {
                out.writeBytes(each.apply(i));
            }
            return out.toByteArray();
        }

        private static byte[] frame(int type, int flags, int stream, int length) {
            return ByteBuffer.allocate(12)
                    .put((byte) 0)
                    .put((byte) type)
                    .putShort((short) flags)
                    .putInt(stream)
                    .putInt(length)
                    .array();
        }

        private static byte[] data(int flags, int stream, int length) {
            return ByteBuffer.allocate(12 + length).put(frame(DATA, flags, stream, length)).array();
        }
    }

    @BeforeAll
    static void startTheHost() throws IOException {
        process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Djdk.virtualThreadScheduler.parallelism=1",
                                "-Djdk.virtualThreadScheduler.maxPoolSize=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                OneCarrierPeer.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String line = process.inputReader().readLine();
        assertThat(line).as("the address of the other process").isNotNull();
        address = Multiaddr.parse(line);
    }

    @AfterAll
    static void endTheHost() throws Exception {
        process.outputWriter().close();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    @AfterEach
    void stop() {
        stopped = true;
    }

    @ParameterizedTest
    @EnumSource
    void pingsGoOnBesideAFlood(Flood flood) throws Exception {
        byte[] frames = flood.frames();
        CountDownLatch flooding = new CountDownLatch(1);
        Thread mallory =
                Thread.ofPlatform()
                        .daemon(true)
                        .start(() -> {
                            while (!stopped) {
                                flood(flood.opening(), frames, flooding);
                            }
                        });
        assertThat(flooding.await(20, TimeUnit.SECONDS)).isTrue();
        try (Host alice = Host.builder().identity(MemoryHosts.key()).build()) {
            alice.start();
            try (PingStream pings = alice.openPing(alice.connect(address))) {
                for (int i = 0; i < PINGS; i++) {
                    assertThat(pings.ping()).isPositive();
                }
            }
        }
        stopped = true;
        mallory.join();
    }

    /// Connects, and sends until she is thrown out.
    private void flood(byte[] opening, byte[] frames, CountDownLatch flooding) {
        try (SecureConnection mallory =
                ScriptedPeer.secure(new TcpTransport(), address, MemoryHosts.key())) {
            // It ends with the connection.
            Thread.ofPlatform()
                    .daemon(true)
                    .start(() -> {
                        byte[] answers = new byte[65_536];
                        try {
                            while (mallory.read(answers, 0, answers.length) >= 0) {
                                // Else alice would end her for not reading.
                            }
                        } catch (IOException e) {
                            // Thrown out.
                        }
                    });
            mallory.write(opening, 0, opening.length);
            while (!stopped) {
                mallory.write(frames, 0, frames.length);
                flooding.countDown();
            }
        } catch (IOException e) {
            // Thrown out: she comes back.
            flooding.countDown();
        }
    }
}
