package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.metrics.Counters;
import org.tutti.libp2p.metrics.HostStats;
import org.tutti.libp2p.metrics.Metrics;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.ConnectionGater;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.StreamRefused;
import org.tutti.libp2p.swarm.SwarmEvent;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// What a host counts and tells metrics, and the ids of its connections.
@Timeout(60)
class StatsTest {
    private static final int SIZE = 200_000;

    private final MemoryHosts net = new MemoryHosts();

    @AfterEach
    void close() {
        net.close();
    }

    private static void echo(Stream stream) throws IOException {
        byte[] all = new byte[SIZE];
        Frames.readFully(stream, all, 0, SIZE);
        stream.write(all, 0, SIZE);
    }

    private static void askEcho(Connection connection) throws IOException {
        try (Stream stream = connection.openStream("/echo/1")) {
            Thread writer =
                    Thread.startVirtualThread(() -> {
                        try {
                            stream.writeLast(new byte[SIZE], 0, SIZE);
                        } catch (IOException e) {
                            stream.reset();
                        }
                    });
            Frames.readFully(stream, new byte[SIZE], 0, SIZE);
            writer.join();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /// Metrics that say each end of a stream.
    private static final class Heard implements Metrics {
        final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

        @Override
        public void streamClosed(String protocol, boolean inbound, long in, long out) {
            lines.add(protocol + (inbound ? " inbound " : " outbound ") + in + " " + out);
        }

        @Override
        public void connectionClosed(Connection connection, Duration lasted) {
            lines.add("closed " + connection.id() + " " + (connection.bytesIn() > 0));
        }

        void await(String wanted) throws InterruptedException {
            for (String line = ""; !line.equals(wanted); ) {
                line = lines.poll(20, java.util.concurrent.TimeUnit.SECONDS);
                assertThat(line).as("waiting for " + wanted).isNotNull();
            }
        }
    }

    @Test
    void bytesAreCountedWhileAConnectionIsOpenAndAreNotForgottenWhenItEnds() throws Exception {
        Host bob = net.start(net.builder().handler("/echo/1", StatsTest::echo));
        Host alice = net.start(net.builder());
        assertThat(alice.stats()).isEqualTo(new HostStats(0, 0, 0, 0, java.util.Map.of()));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Connection connection = alice.connect(MemoryHosts.addressOf(bob));
        long before = connection.bytesIn();
        assertThat(before).as("the handshake").isPositive();
        askEcho(connection);
        HostStats during = alice.stats();
        assertThat(during.connections()).isEqualTo(1);
        assertThat(during.bytesIn()).isEqualTo(connection.bytesIn()).isGreaterThan(SIZE);
        assertThat(during.bytesOut()).isGreaterThan(SIZE).isLessThan(2 * SIZE);
        connection.close();
        MemoryHosts.next(seen, SwarmEvent.ConnectionClosed.class);
        HostStats after = alice.stats();
        assertThat(after.connections()).isZero();
        assertThat(after.streams()).isZero();
        assertThat(after.bytesIn()).isGreaterThanOrEqualTo(during.bytesIn());
        // A second connection is counted besides.
        askEcho(alice.connect(MemoryHosts.addressOf(bob)));
        assertThat(alice.stats().bytesIn()).isGreaterThan(after.bytesIn() + SIZE);
    }

    @Test
    void openStreamsAreCounted() throws Exception {
        Host bob = net.start(net.builder().handler("/hold/1", s -> s.read(new byte[1], 0, 1)));
        Host alice = net.start(net.builder());
        Connection connection = alice.connect(MemoryHosts.addressOf(bob));
        alice.awaitIdentified(connection, Duration.ofSeconds(20));
        for (int i = 0; i < 3; i++) {
            connection.openStream("/hold/1").write(new byte[0], 0, 0);
        }
        assertThat(alice.stats().streams()).isGreaterThanOrEqualTo(3);
        assertThat(connection.streamCount()).isGreaterThanOrEqualTo(3);
    }

    @Test
    void metricsHearOfDialsHandshakesStreamsAndEnds() throws Exception {
        Counters counters = new Counters();
        Heard bobs = new Heard();
        Host bob = net.start(net.builder().metrics(bobs).handler("/echo/1", StatsTest::echo));
        Host alice = net.start(net.builder().metrics(counters));
        Connection connection = alice.connect(MemoryHosts.addressOf(bob));
        askEcho(connection);
        bobs.await("/echo/1 inbound " + SIZE + " " + SIZE);
        Multiaddr nobody = Multiaddr.parse("/memory/987654");
        assertThatThrownBy(() ->
                        alice.connect(nobody.withPeerId(MemoryHosts.key().publicKey().peerId())))
                .isInstanceOf(IOException.class);
        Counters.Snapshot counted = counters.snapshot();
        assertThat(counted.connectionsOpened()).isEqualTo(1);
        assertThat(counted.dials()).containsOnlyKeys("OK", "REFUSED");
        assertThat(counted.dials().values()).allSatisfy(t -> assertThat(t.count()).isEqualTo(1));
        assertThat(counted.handshakes()).containsOnlyKeys("OK");
        assertThat(counted.handshakes().values())
                .allSatisfy(t -> assertThat(t.count()).isEqualTo(1));
        assertThat(counted.streams().get("/echo/1"))
                .isEqualTo(new Counters.Streams(1, 1, SIZE, SIZE));
        connection.close();
        bobs.await("closed c1 true");
    }

    /// Whoever forgets to close a stream still has it counted as ended with its connection.
    @Test
    void aStreamThatNobodyClosesEndsWithItsConnection() throws Exception {
        Heard alices = new Heard();
        Host bob = net.start(net.builder().handler("/hold/1", s -> s.read(new byte[1], 0, 1)));
        Host alice = net.start(net.builder().metrics(alices));
        Connection connection = alice.connect(MemoryHosts.addressOf(bob));
        Stream unused = connection.openStream("/hold/1");
        assertThat(unused.isInbound()).isFalse();
        connection.close();
        alices.await("/hold/1 outbound 0 0");
    }

    @Test
    void refusalsAreCountedByReasonForStatsAndMetrics() throws Exception {
        Counters counters = new Counters();
        Host bob =
                net.start(
                        net.builder()
                                .metrics(counters)
                                .handler("/echo/1", StatsTest::echo)
                                .gater(
                                        new ConnectionGater() {
                                            @Override
                                            public boolean allowStream(
                                                    org.tutti.libp2p.identity.PeerId peer,
                                                    String protocol) {
                                                return !protocol.equals("/echo/1");
                                            }
                                        }));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(bob);
        Host alice = net.start(net.builder());
        Connection connection = alice.connect(MemoryHosts.addressOf(bob));
        assertThatThrownBy(() -> askEcho(connection)).isInstanceOf(IOException.class);
        assertThat(MemoryHosts.next(seen, StreamRefused.class).connectionId()).isEqualTo("c1");
        assertThat(bob.stats().refused()).containsEntry("GATED", 1L);
        assertThat(counters.snapshot().refused()).containsEntry("GATED", 1L);
    }

    @Test
    void metricsThatFailChangeNothing() throws Exception {
        Metrics failing =
                new Metrics() {
                    @Override
                    public void connectionOpened(Connection connection) {
                        throw new IllegalStateException("on purpose");
                    }

                    @Override
                    public void streamOpened(String protocol, boolean inbound) {
                        throw new IllegalStateException("on purpose");
                    }

                    @Override
                    public void handshakeEnded(boolean outbound, Duration took, String outcome) {
                        throw new IllegalStateException("on purpose");
                    }
                };
        Host bob = net.start(net.builder().metrics(failing).handler("/echo/1", StatsTest::echo));
        Host alice = net.start(net.builder().metrics(failing));
        askEcho(alice.connect(MemoryHosts.addressOf(bob)));
        assertThat(alice.connectedPeers()).containsExactly(bob.peerId());
    }

    @Test
    void everyConnectionHasAnIdOfItsOwnInEventsAndText() throws Exception {
        Host bob = net.start(net.builder());
        Host alice = net.start(net.builder());
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Connection first = alice.connect(MemoryHosts.addressOf(bob));
        assertThat(first.id()).isEqualTo("c1");
        assertThat(first.toString()).startsWith("c1 to " + bob.peerId());
        assertThat(MemoryHosts.next(seen, SwarmEvent.ConnectionOpened.class).connectionId())
                .isEqualTo("c1");
        try (Stream stream = first.openStreamLazily("/ipfs/ping/1.0.0")) {
            assertThat(stream.toString()).endsWith(" on c1");
        }
        first.close();
        assertThat(MemoryHosts.next(seen, SwarmEvent.ConnectionClosed.class).connectionId())
                .isEqualTo("c1");
        assertThat(alice.connect(MemoryHosts.addressOf(bob)).id()).isEqualTo("c2");
    }
}
