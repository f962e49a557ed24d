package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.swarm.SwarmEvent.InboundRefused;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// Whoever fills a table does not keep others out of it.
@Timeout(120)
class FullTablesTest {
    private static final int HONEST = 100;

    /// Of the flood: more than there is room for, so that each comes again and again.
    private static final int ADDRESSES = 800;

    private volatile boolean stopped;
    private final List<Host> hosts = new ArrayList<>();

    @AfterEach
    void close() {
        stopped = true;
        hosts.forEach(Host::close);
    }

    private Host start(HostBuilder builder) throws IOException {
        Host host = builder.identity(MemoryHosts.key()).build();
        hosts.add(host);
        host.start();
        return host;
    }

    /// From as many addresses as fill the table, and then some: they connect, say nothing, and come
    /// again when they are closed.
    @ParameterizedTest
    @ValueSource(ints = {64, 512})
    void honestDialsAreAdmittedBesideFloodsFromAsManyAddressesAsFillTheTable(int room)
            throws Exception {
        Host alice =
                start(
                        Host.builder()
                                .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                                .limits(
                                        ResourceLimits.builder()
                                                .maxPendingConnections(room)
                                                .maxPendingConnectionsPerHost(room / 4)
                                                .build()));
        Multiaddr address = alice.addresses().getFirst();
        int port = Integer.parseInt(address.components().get(1).text());
        CountDownLatch full = new CountDownLatch(2 * ADDRESSES);
        Thread mallory =
                Thread.ofPlatform()
                        .daemon(true)
                        .start(() -> connectAndSayNothing(port, room, full));
        full.await();
        int admitted = 0;
        for (int i = 0; i < HONEST; i++) {
            try (Host bob = Host.builder().identity(MemoryHosts.key()).build()) {
                bob.start();
                bob.connect(address);
                if (!bob.ping(alice.peerId()).isNegative()) {
                    admitted++;
                }
            } catch (IOException e) {
                // Evicted.
            }
        }
        stopped = true;
        mallory.join();
        assertThat(admitted).isGreaterThanOrEqualTo(HONEST - 1);
    }

    private void connectAndSayNothing(int port, int room, CountDownLatch full) {
        Deque<Socket> open = new ArrayDeque<>();
        try {
            for (int i = 0; !stopped; i++) {
                Socket socket = new Socket();
                socket.bind(
                        new java.net.InetSocketAddress(
                                InetAddress.getByAddress(
                                        new byte[] {
                                            127, 0, (byte) (1 + i / 200 % 4), (byte) (2 + i % 200)
                                        }),
                                0));
                socket.connect(
                        new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                open.add(socket);
                full.countDown();
                if (open.size() > room + room / 4) {
                    // As fast as alice closes what was there before.
                    Socket oldest = open.remove();
                    awaitEnd(oldest);
                    oldest.close();
                }
            }
        } catch (IOException e) {
            // The test is over.
        } finally {
            open.forEach(FullTablesTest::close);
        }
    }

    /// Until the test is over, too: nobody needs alice's room any more then.
    private void awaitEnd(Socket socket) throws IOException {
        socket.setSoTimeout(100);
        while (!stopped) {
            try {
                int unexpected = socket.getInputStream().read();
                assertThat(unexpected).isNegative();
                return;
            } catch (SocketTimeoutException e) {
                // Not yet.
            } catch (SocketException e) {
                // Reset is closed, too.
                return;
            }
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }

    @Test
    void aListenerThatCannotTakeAConnectionMakesRoomAndGoesOn() throws Exception {
        try (MemoryHosts net = new MemoryHosts()) {
            Host alice =
                    net.start(
                            Host.builder()
                                    .identity(MemoryHosts.key())
                                    .transport(new Exhausted(net.transport(), new AtomicInteger()))
                                    .listen(Multiaddr.parse("/memory/0")));
            BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
            RawConnection silent = ScriptedPeer.raw(net.transport(), MemoryHosts.addressOf(alice));
            RawConnection second = ScriptedPeer.raw(net.transport(), MemoryHosts.addressOf(alice));
            InboundRefused refused = MemoryHosts.next(seen, InboundRefused.class);
            assertThat(refused.code()).isEqualTo("LIMIT_EXCEEDED");
            assertThat(refused.detail()).contains("file descriptors");
            Host bob = net.start(net.builder());
            assertThat(bob.connect(MemoryHosts.addressOf(alice)).isOpen()).isTrue();
            assertThat(bob.ping(alice.peerId())).isPositive();
            silent.close();
            second.close();
        }
    }

    /// Descriptors have run out when the third connection should be accepted.
    private record Exhausted(RawTransport inner, AtomicInteger accepts) implements RawTransport {
        @Override
        public boolean handles(Multiaddr address) {
            return inner.handles(address);
        }

        @Override
        public RawConnection dial(Multiaddr address, Duration timeout) throws IOException {
            return inner.dial(address, timeout);
        }

        @Override
        public RawListener listen(Multiaddr address) throws IOException {
            RawListener listener = inner.listen(address);
            return new RawListener() {
                @Override
                public RawConnection accept() throws IOException {
                    if (accepts.incrementAndGet() == 3) {
                        throw new IOException("Too many open files");
                    }
                    return listener.accept();
                }

                @Override
                public List<Multiaddr> addresses() {
                    return listener.addresses();
                }

                @Override
                public void close() {
                    listener.close();
                }
            };
        }
    }
}
