package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.io.ForwardingConnection;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.LimitExceededException;
import org.tutti.libp2p.swarm.SwarmEvent.ConnectionClosed;
import org.tutti.libp2p.swarm.SwarmEvent.ConnectionOpened;
import org.tutti.libp2p.swarm.SwarmEvent.InboundRefused;
import org.tutti.libp2p.transport.TransportException;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// A host that dials while descriptors have run out.
@Timeout(60)
class DescriptorsTest {
    private final MemoryHosts net = new MemoryHosts();

    @AfterEach
    void close() {
        net.close();
    }

    private Host withDescriptors(int count) throws IOException {
        return net.start(MemoryHosts.over(new Bounded(net.transport(), count)));
    }

    @Test
    void aDialTakesThePlaceOfWhoeverHasProvenNothing() throws Exception {
        Host alice = withDescriptors(2);
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Host carol = net.start(net.builder());
        carol.connect(MemoryHosts.addressOf(alice));
        MemoryHosts.next(seen, ConnectionOpened.class);
        RawConnection silent = ScriptedPeer.raw(net.transport(), MemoryHosts.addressOf(alice));
        Host bob = net.start(net.builder());
        assertThat(alice.connect(MemoryHosts.addressOf(bob)).isOpen()).isTrue();
        InboundRefused refused = MemoryHosts.next(seen, InboundRefused.class);
        assertThat(refused.code()).isEqualTo("LIMIT_EXCEEDED");
        assertThat(refused.detail()).contains("file descriptors");
        assertThat(alice.connectedPeers()).contains(carol.peerId(), bob.peerId());
        silent.close();
    }

    @Test
    void aDialTakesThePlaceOfAnInboundConnectionWhereNoneIsPending() throws Exception {
        Host alice = withDescriptors(1);
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Host carol = net.start(net.builder());
        carol.connect(MemoryHosts.addressOf(alice));
        MemoryHosts.next(seen, ConnectionOpened.class);
        Host bob = net.start(net.builder());
        assertThat(alice.connect(MemoryHosts.addressOf(bob)).isOpen()).isTrue();
        ConnectionClosed closed = MemoryHosts.next(seen, ConnectionClosed.class);
        assertThat(closed.peer()).isEqualTo(carol.peerId());
        assertThat(closed.reason()).contains("file descriptors");
    }

    @Test
    void whereNobodyMayGoTheDialSaysWhyAndTheAddressIsNotBlamed() throws Exception {
        Host alice = withDescriptors(1);
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Host carol = net.start(net.builder());
        alice.protect(carol.peerId(), "friend");
        carol.connect(MemoryHosts.addressOf(alice));
        MemoryHosts.next(seen, ConnectionOpened.class);
        Host bob = net.start(net.builder());
        alice.addAddress(bob.peerId(), MemoryHosts.addressOf(bob));
        assertThatThrownBy(() -> alice.connect(bob.peerId()))
                .isInstanceOfSatisfying(
                        LimitExceededException.class,
                        e -> {
                            assertThat(e.limit()).isEqualTo("file descriptors");
                            assertThat(e.bound()).isPositive();
                        });
        alice.disconnect(carol.peerId());
        assertThat(alice.connect(bob.peerId()).isOpen()).isTrue();
    }

    /// A transport on which no more connections than so many can be open at once.
    private static final class Bounded implements RawTransport {
        private final RawTransport inner;
        private final int max;
        private final AtomicInteger open = new AtomicInteger();

        Bounded(RawTransport inner, int max) {
            this.inner = inner;
            this.max = max;
        }

        private RawConnection counted(RawConnection connection) {
            open.incrementAndGet();
            AtomicBoolean closed = new AtomicBoolean();
            return new ForwardingConnection(connection) {
                @Override
                public void close() {
                    super.close();
                    if (!closed.getAndSet(true)) {
                        open.decrementAndGet();
                    }
                }
            };
        }

        @Override
        public boolean handles(Multiaddr address) {
            return inner.handles(address);
        }

        @Override
        public RawConnection dial(Multiaddr address, Duration timeout) throws IOException {
            if (open.get() >= max) {
                throw new TransportException(
                        TransportException.Code.DESCRIPTORS, address, "Too many open files");
            }
            return counted(inner.dial(address, timeout));
        }

        @Override
        public RawListener listen(Multiaddr address) throws IOException {
            RawListener listener = inner.listen(address);
            return new RawListener() {
                @Override
                public RawConnection accept() throws IOException {
                    return counted(listener.accept());
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
