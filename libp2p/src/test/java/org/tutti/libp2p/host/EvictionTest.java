package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.swarm.SwarmEvent.ConnectionOpened;
import org.tutti.libp2p.swarm.SwarmEvent.InboundRefused;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Identities cost nothing: one host can have as many as a listener takes connections.
@Timeout(60)
class EvictionTest {
    private static final int ROOM = 4;
    private static final Multiaddr MALLORYS = Multiaddr.parse("/memory/666");

    private final MemoryHosts net = new MemoryHosts();

    /// Whether the next connections seem to come from mallory's one host.
    private final AtomicBoolean mallory = new AtomicBoolean(true);

    @AfterEach
    void close() {
        net.close();
    }

    @Test
    void oneHostWithManyIdentitiesDoesNotKeepOthersOut() throws Exception {
        Host alice =
                net.start(
                        Host.builder()
                                .identity(MemoryHosts.key())
                                .transport(new ManyAddresses(net.transport()))
                                .listen(Multiaddr.parse("/memory/0"))
                                .limits(
                                        ResourceLimits.builder()
                                                .maxConnections(ROOM)
                                                .maxConnectionsPerPeer(2)
                                                .build()));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        for (int i = 0; i < ROOM; i++) {
            net.start(net.builder()).connect(MemoryHosts.addressOf(alice));
            MemoryHosts.next(seen, ConnectionOpened.class);
        }
        net.start(net.builder()).connect(MemoryHosts.addressOf(alice));
        assertThat(MemoryHosts.next(seen, InboundRefused.class).code()).isEqualTo("LIMIT_EXCEEDED");

        mallory.set(false);
        Host bob = net.start(net.builder());
        while (!isTakenIn(bob, alice, seen)) {
            // All of mallory's connections still carried identify: bob tries again.
            assertThat(alice.connectedPeers()).hasSize(ROOM);
        }
        assertThat(alice.connectedPeers()).hasSize(ROOM).contains(bob.peerId());
    }

    private static boolean isTakenIn(Host bob, Host alice, BlockingQueue<HostEvent> seen)
            throws IOException, InterruptedException {
        bob.connect(MemoryHosts.addressOf(alice));
        while (true) {
            HostEvent event = seen.poll(20, TimeUnit.SECONDS);
            assertThat(event).isNotNull();
            if (event instanceof ConnectionOpened opened && opened.peer().equals(bob.peerId())) {
                return true;
            }
            if (event instanceof InboundRefused) {
                return false;
            }
        }
    }

    /// Gives accepted connections mallory's address.
    private final class ManyAddresses implements RawTransport {
        private final RawTransport inner;

        ManyAddresses(RawTransport inner) {
            this.inner = inner;
        }

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
                    RawConnection raw = listener.accept();
                    return mallory.get() ? fromMallory(raw) : raw;
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

    private static RawConnection fromMallory(RawConnection raw) {
        return (RawConnection)
                Proxy.newProxyInstance(
                        RawConnection.class.getClassLoader(),
                        new Class<?>[] {RawConnection.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("remoteAddress")) {
                                return MALLORYS;
                            }
                            try {
                                return method.invoke(raw, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
