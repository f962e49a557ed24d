package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.muxer.StreamResetException;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.swarm.StreamRefused;
import org.tutti.libp2p.swarm.SwarmEvent.InboundRefused;
import org.tutti.libp2p.time.ManualClock;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

@Timeout(60)
class HostileHandshakeTest {
    private static final int PENDING_PER_HOST = 64;

    private static final Duration REAL = Duration.ofSeconds(20);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final String HEADER = "\u0013/multistream/1.0.0\n";

    private final ManualClock clock = new ManualClock();
    private final Victim alice;

    HostileHandshakeTest() throws IOException {
        alice =
                new Victim(
                        Host.builder()
                                .timer(clock)
                                .limits(
                                        ResourceLimits.builder()
                                                .maxPendingConnections(256)
                                                .maxPendingConnectionsPerHost(PENDING_PER_HOST)
                                                .build()));
    }

    @AfterEach
    void close() {
        alice.close();
    }

    private static void say(RawConnection raw, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        raw.write(bytes, 0, bytes.length);
    }

    private void assertRefused(String code, String detail) throws Exception {
        InboundRefused refused = alice.next(InboundRefused.class);
        assertThat(refused.code()).isEqualTo(code);
        assertThat(refused.detail()).contains(detail);
        alice.assertServesOthers();
    }

    @Test
    void garbageIsRefusedAtOnce() throws Exception {
        Random random = new Random(1);
        for (int i = 0; i < 50; i++) {
            byte[] garbage = new byte[1 + random.nextInt(2_000)];
            random.nextBytes(garbage);
            // Not a beginning of the header, for whose rest it would wait.
            garbage[0] = 'G';
            try (RawConnection mallory = alice.dial()) {
                mallory.write(garbage, 0, garbage.length);
                // A length of 71 with less behind it is waited for, until we end our side.
            }
            assertThat(alice.next(InboundRefused.class).code()).isEqualTo("HANDSHAKE_FAILED");
        }
        alice.assertServesOthers();
    }

    @Test
    void aBrowserIsRefused() throws Exception {
        try (RawConnection mallory = alice.dial()) {
            say(mallory, "GET / HTTP/1.1\r\nHost: alice\r\n" + "X: y\r\n".repeat(20) + "\r\n");
            Victim.assertEnded(mallory);
        }
        assertRefused("HANDSHAKE_FAILED", "newline");
    }

    @Test
    void halfAFrameAndThenSilenceEndsAtTheDeadline() throws Exception {
        try (RawConnection mallory = alice.dial()) {
            say(mallory, HEADER + "\u0007/noise\n\0 abc");
            clock.awaitPending(1, REAL);
            clock.advance(Duration.ofSeconds(16));
            Victim.assertEnded(mallory);
        }
        assertRefused("TIMEOUT", "");
    }

    @Test
    void oneByteASecondEndsAtTheSameDeadline() throws Exception {
        try (RawConnection mallory = alice.dial()) {
            clock.awaitPending(1, REAL);
            byte[] drops = (HEADER + "\u0007/noise\n").getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 15; i++) {
                mallory.write(drops, i, 1);
                clock.advance(SECOND);
            }
            clock.advance(SECOND);
            Victim.assertEnded(mallory);
        }
        assertRefused("TIMEOUT", "");
    }

    @Test
    void anOversizedProposalIsRefusedBeforeItArrives() throws Exception {
        try (RawConnection mallory = alice.dial()) {
            // 1025 as a varint.
            say(mallory, HEADER + "\u0081\u0008");
            Victim.assertEnded(mallory);
        }
        assertRefused("HANDSHAKE_FAILED", "length that is not allowed");
    }

    @Test
    void endlessProposalsAreRefused() throws Exception {
        try (RawConnection mallory = alice.dial()) {
            say(mallory, HEADER + "\u0003/x\n".repeat(1_000));
            Victim.assertEnded(mallory);
        }
        assertRefused("HANDSHAKE_FAILED", "proposals is supported");
    }

    @Test
    void aThousandThatSayNothingHoldNoMoreThanTheirShare() throws Exception {
        int bound = PENDING_PER_HOST;
        List<RawConnection> silent = new ArrayList<>();
        try {
            for (int i = 0; i < bound; i++) {
                silent.add(alice.dial());
            }
            for (int i = bound; i < 1_000; i++) {
                silent.add(alice.dial());
                // The oldest has to go.
                Victim.assertEnded(silent.get(i - bound));
                InboundRefused refused = alice.next(InboundRefused.class);
                assertThat(refused.code()).isEqualTo("LIMIT_EXCEEDED");
                assertThat(refused.detail()).contains("maxPendingConnectionsPerHost");
            }
            clock.advance(Duration.ofSeconds(16));
            for (int i = 0; i < bound; i++) {
                assertThat(alice.next(InboundRefused.class).code()).isEqualTo("TIMEOUT");
            }
            alice.assertServesOthers();
        } finally {
            silent.forEach(RawConnection::close);
        }
    }

    @Test
    void aStreamThatNeverNamesItsProtocolIsResetAndToldOf() throws Exception {
        try (ScriptedPeer mallory =
                ScriptedPeer.connect(Victim.TCP, alice.address(), Victim.key())) {
            MuxedStream stream = mallory.openStream();
            stream.write(new byte[] {19}, 0, 1);
            Thread time =
                    Thread.ofVirtual()
                            .start(() -> {
                                // From whenever alice has seen the stream.
                                while (!Thread.currentThread().isInterrupted()) {
                                    clock.advance(SECOND);
                                    LockSupport.parkNanos(10_000_000);
                                }
                            });
            assertThatThrownBy(() -> stream.read(new byte[1], 0, 1))
                    .isInstanceOf(StreamResetException.class);
            assertThat(alice.next(StreamRefused.class).reason()).isEqualTo("negotiationTimeout");
            time.interrupt();
            time.join();
            alice.assertServesOthers();
        }
    }
}
