package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.muxer.StreamResetException;
import org.tutti.libp2p.swarm.DialFailedException;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.swarm.SwarmEvent.InboundRefused;
import org.tutti.libp2p.time.ManualClock;
import org.tutti.libp2p.transport.TransportException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

@Timeout(60)
class HandshakeTest {
    private static final Duration REAL = Duration.ofSeconds(20);
    private static final Duration LONG = Duration.ofSeconds(16);

    private final MemoryHosts net = new MemoryHosts();
    private final ManualClock clock = new ManualClock();

    @AfterEach
    void close() {
        net.close();
    }

    private static void assertEnded(RawConnection raw) throws IOException {
        byte[] rest = new byte[1_000];
        int count = raw.read(rest, 0, rest.length);
        while (count > 0) {
            count = raw.read(rest, 0, rest.length);
        }
        assertThat(count).isEqualTo(-1);
    }

    @Test
    void whoeverConnectsAndSaysNothingIsDroppedAtTheDeadline() throws Exception {
        Host alice = net.start(net.builder().timer(clock));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        RawConnection mallory = ScriptedPeer.raw(net.transport(), MemoryHosts.addressOf(alice));
        clock.awaitPending(1, REAL);
        clock.advance(LONG);
        assertEnded(mallory);
        InboundRefused refused = MemoryHosts.next(seen, InboundRefused.class);
        assertThat(refused.code()).isEqualTo("TIMEOUT");
        assertThat(refused.remoteAddress()).isEqualTo(mallory.localAddress());
    }

    @Test
    void whoeverStopsInTheMiddleOfTheHandshakeIsDroppedAtTheDeadline() throws Exception {
        Host alice = net.start(net.builder().timer(clock));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        RawConnection mallory = ScriptedPeer.raw(net.transport(), MemoryHosts.addressOf(alice));
        byte[] half =
                "\u0013/multistream/1.0.0\n\u0007/noise\n\0 abc".getBytes(StandardCharsets.UTF_8);
        mallory.write(half, 0, half.length);
        clock.awaitPending(1, REAL);
        clock.advance(LONG);
        assertEnded(mallory);
        assertThat(MemoryHosts.next(seen, InboundRefused.class).code()).isEqualTo("TIMEOUT");
    }

    @Test
    void aListenerThatNeverAnswersFailsTheDialAtTheDeadline() throws Exception {
        Host alice = net.start(net.builder().timer(clock));
        try (RawListener silent = net.transport().listen(Multiaddr.parse("/memory/0"))) {
            Multiaddr address =
                    silent.addresses()
                            .getFirst()
                            .withPeerId(MemoryHosts.key().publicKey().peerId());
            CompletableFuture<Object> dial = new CompletableFuture<>();
            Thread dialer =
                    Thread.startVirtualThread(() -> {
                        try {
                            dial.complete(alice.connect(address));
                        } catch (IOException e) {
                            dial.completeExceptionally(e);
                        }
                    });
            clock.awaitPending(1, REAL);
            clock.advance(LONG);
            assertThatThrownBy(() -> dial.get(20, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            DialFailedException.class,
                            e ->
                                    assertThat(e.attempts().getFirst().cause())
                                            .isInstanceOfSatisfying(
                                                    TransportException.class,
                                                    t ->
                                                            assertThat(t.code())
                                                                    .isEqualTo(
                                                                            TransportException.Code
                                                                                    .TIMEOUT)));
            dialer.join();
        }
    }

    @Test
    void aStreamWithoutAProtocolIsResetAtTheDeadline() throws Exception {
        Host alice = net.start(net.builder().timer(clock));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        try (ScriptedPeer mallory =
                ScriptedPeer.connect(
                        net.transport(), MemoryHosts.addressOf(alice), MemoryHosts.key())) {
            MemoryHosts.next(seen, SwarmEvent.ConnectionOpened.class);
            MuxedStream stream = mallory.openStream();
            stream.write(new byte[] {0x13, '/'}, 0, 2);
            // One wake-up for upgrades, one for alice's identify, one for the stream, and one to
            // see
            // whether mallory lives.
            clock.awaitPending(4, REAL);
            clock.advance(LONG);
            assertThatThrownBy(() -> stream.read(new byte[1], 0, 1))
                    .isInstanceOf(StreamResetException.class);
        }
    }

    @Test
    void pendingConnectionsAreBoundedInAll() throws Exception {
        Host alice =
                net.start(
                        net.builder()
                                .timer(clock)
                                .limits(
                                        ResourceLimits.builder()
                                                .maxPendingConnections(3)
                                                .maxPendingConnectionsPerHost(3)
                                                .build()));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        List<RawConnection> open = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            open.add(ScriptedPeer.raw(net.transport(), MemoryHosts.addressOf(alice)));
        }
        InboundRefused refused = MemoryHosts.next(seen, InboundRefused.class);
        assertThat(refused.code()).isEqualTo("LIMIT_EXCEEDED");
        assertThat(refused.remoteAddress()).isEqualTo(open.getFirst().localAddress());
        assertEnded(open.getFirst());
        // The table is full, and bob comes in all the same.
        Host bob = net.start(net.builder());
        assertThat(bob.connect(MemoryHosts.addressOf(alice)).isOpen()).isTrue();
        open.forEach(RawConnection::close);
    }

    @Test
    void aHandshakeThatIsNotNoiseIsRefused() throws Exception {
        Host alice = net.start(net.builder());
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        RawConnection mallory = ScriptedPeer.raw(net.transport(), MemoryHosts.addressOf(alice));
        byte[] junk =
                "\u0013/multistream/1.0.0\n\u0007/noise\n\0\u0003abc"
                        .getBytes(StandardCharsets.UTF_8);
        mallory.write(junk, 0, junk.length);
        assertThat(MemoryHosts.next(seen, InboundRefused.class).code())
                .isEqualTo("HANDSHAKE_FAILED");
        assertEnded(mallory);
        assertThat(alice.connectedPeers()).isEmpty();
    }
}
