package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.DialOptions;
import org.tutti.libp2p.swarm.LivenessPolicy;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.time.ManualClock;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Peers that dial one another at the same moment.
@Timeout(120)
class SimultaneousDialTest {
    /// Each pair is two dials at once: 1,056 of them.
    private static final int HOSTS = 33;

    /// Time is moved faster than anybody answers.
    private static final LivenessPolicy PATIENT =
            new LivenessPolicy(Duration.ofSeconds(3), Duration.ofDays(1), Duration.ofDays(1));

    private final MemoryHosts net = new MemoryHosts();
    private final ManualClock clock = new ManualClock();
    private final List<Host> hosts = new ArrayList<>();

    @AfterEach
    void close() {
        net.close();
    }

    private Host start() throws IOException {
        Host host =
                net.start(
                        net.builder()
                                .timer(clock)
                                .liveness(PATIENT)
                                .limits(ResourceLimits.builder().maxConnections(1_000).build())
                                .handler("/echo/1", SimultaneousDialTest::echo));
        hosts.add(host);
        return host;
    }

    private static void echo(Stream stream) throws IOException {
        byte[] one = new byte[1];
        while (stream.read(one, 0, 1) == 1) {
            stream.write(one, 0, 1);
        }
    }

    private static void exchange(Stream stream, int value) throws IOException {
        byte[] one = {(byte) value};
        stream.write(one, 0, 1);
        one[0] = 0;
        assertThat(stream.read(one, 0, 1)).isEqualTo(1);
        assertThat(one[0]).isEqualTo((byte) value);
    }

    private static boolean isSmaller(Host host, Host other) {
        return host.peerId().multihash().compareTo(other.peerId().multihash()) < 0;
    }

    @Test
    void aThousandSimultaneousDialsLoseNoStreamAndOneConnectionOfEachPairRemains()
            throws Exception {
        for (int i = 0; i < HOSTS; i++) {
            start();
        }
        CountDownLatch go = new CountDownLatch(1);
        List<FutureTask<Stream>> callers = new ArrayList<>();
        for (Host host : hosts) {
            for (Host other : hosts) {
                if (!host.equals(other)) {
                    host.addAddress(other.peerId(), MemoryHosts.addressOf(other));
                    FutureTask<Stream> caller =
                            new FutureTask<>(() -> {
                                go.await();
                                Stream stream = host.newStream(other.peerId(), "/echo/1");
                                exchange(stream, 1);
                                return stream;
                            });
                    callers.add(caller);
                    Thread.ofVirtual().start(caller);
                }
            }
        }
        assertThat(callers).hasSizeGreaterThanOrEqualTo(1_000);
        go.countDown();
        List<Stream> streams = new ArrayList<>();
        for (FutureTask<Stream> caller : callers) {
            streams.add(caller.get(60, TimeUnit.SECONDS));
        }
        assertThat(hosts).anyMatch(h -> connections(h) > HOSTS - 1);
        // Whatever became idle meanwhile goes, and no stream with it.
        for (int i = 0; i < 30; i++) {
            clock.advance(Duration.ofSeconds(1));
            for (Stream stream : streams) {
                exchange(stream, i);
            }
        }
        streams.forEach(Stream::close);
        while (hosts.stream().anyMatch(h -> connections(h) > HOSTS - 1)) {
            clock.advance(Duration.ofSeconds(1));
            Thread.sleep(1);
        }
        for (Host host : hosts) {
            assertThat(host.connectedPeers()).hasSize(HOSTS - 1);
            for (Host other : hosts) {
                if (!host.equals(other)) {
                    // The same one on both sides.
                    assertThat(only(host, other).isOutbound())
                            .isNotEqualTo(only(other, host).isOutbound());
                }
            }
        }
    }

    private static Connection only(Host host, Host other) {
        List<Connection> connections = host.connections(other.peerId());
        assertThat(connections).hasSize(1);
        return connections.getFirst();
    }

    private static long connections(Host host) {
        return host.connectedPeers().stream().mapToLong(p -> host.connections(p).size()).sum();
    }

    @Test
    void theConnectionThatNewStreamsDoNotTakeIsRetiredOnBothSides() throws Exception {
        Host alice = start();
        Host bob = start();
        Host smaller = isSmaller(alice, bob) ? alice : bob;
        Host larger = isSmaller(alice, bob) ? bob : alice;
        BlockingQueue<SwarmEvent.ConnectionClosed> closed = new LinkedBlockingQueue<>();
        var _ = smaller.subscribe(SwarmEvent.ConnectionClosed.class, closed::add);
        var _ = larger.subscribe(SwarmEvent.ConnectionClosed.class, closed::add);
        DialOptions further = DialOptions.defaults().furtherConnection();
        alice.addAddress(bob.peerId(), MemoryHosts.addressOf(bob));
        bob.addAddress(alice.peerId(), MemoryHosts.addressOf(alice));
        Connection kept = smaller.connect(larger.peerId(), further);
        Connection retired = larger.connect(smaller.peerId(), further);
        // Who carries a stream stays, however long.
        Stream stream = retired.openStream("/echo/1");
        for (int i = 0; i < 40; i++) {
            clock.advance(Duration.ofSeconds(1));
            exchange(stream, i);
        }
        assertThat(closed).isEmpty();
        stream.close();
        while (retired.isOpen()) {
            clock.advance(Duration.ofSeconds(1));
            Thread.sleep(1);
        }
        List<String> reasons = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            SwarmEvent.ConnectionClosed event = closed.poll(20, TimeUnit.SECONDS);
            assertThat(event.connections()).isEqualTo(1);
            reasons.add(event.reason());
        }
        // One of them closes it, and the other is told.
        assertThat(reasons).anyMatch(r -> r.startsWith("not needed beside another connection"));
        assertThat(smaller.connections(larger.peerId())).containsExactly(kept);
        exchange(larger.newStream(smaller.peerId(), "/echo/1"), 7);
    }
}
