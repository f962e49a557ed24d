package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.KeptConnections;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.swarm.WantedPeers;
import org.tutti.libp2p.time.ManualClock;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// Wanted peers are dialled, and dialled again.
@Timeout(60)
class KeepConnectedTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final MemoryHosts net = new MemoryHosts();
    private final ManualClock clock = new ManualClock();
    private Host alice;
    private BlockingQueue<HostEvent> seen;

    @BeforeEach
    void start() throws Exception {
        alice = net.start(net.builder().timer(clock));
        seen = MemoryHosts.events(alice);
    }

    @AfterEach
    void close() {
        net.close();
    }

    private Host bob(PrivateKey key) throws Exception {
        return net.start(
                Host.builder()
                        .identity(key)
                        .transport(net.transport())
                        .listen(Multiaddr.parse("/memory/4711")));
    }

    private static WantedPeers.Builder wanted(Host... peers) {
        WantedPeers.Builder wanted = WantedPeers.builder();
        for (Host peer : peers) {
            wanted.peer(peer.peerId(), peer.addresses());
        }
        return wanted;
    }

    /// Lets time pass until the host tells this, because a dial may still be under way when it
    /// does.
    private <T extends HostEvent> T later(Class<T> type) throws InterruptedException {
        while (true) {
            for (HostEvent event = seen.poll(); event != null; event = seen.poll()) {
                if (type.isInstance(event)) {
                    return type.cast(event);
                }
            }
            clock.advance(Duration.ofMillis(100));
            Thread.sleep(1);
        }
    }

    @Test
    void asManyAsAreWantedAreConnected() throws Exception {
        Host bob = net.start(net.builder());
        Host carol = net.start(net.builder());
        Host dave = net.start(net.builder());
        try (KeptConnections kept =
                alice.keepConnected("boot", wanted(bob, carol, dave).number(2).build())) {
            MemoryHosts.next(seen, SwarmEvent.ConnectionOpened.class);
            MemoryHosts.next(seen, SwarmEvent.ConnectionOpened.class);
            assertThat(alice.connectedPeers())
                    .containsExactlyInAnyOrder(bob.peerId(), carol.peerId());
            bob.close();
            assertThat(MemoryHosts.next(seen, SwarmEvent.ConnectionOpened.class).peer())
                    .isEqualTo(dave.peerId());
            while (kept.connected() != 2) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void whoIsLostIsDialledUntilItIsBack() throws Exception {
        PrivateKey key = MemoryHosts.key();
        Host bob = bob(key);
        alice.keepConnected("boot", wanted(bob).build());
        MemoryHosts.next(seen, SwarmEvent.ConnectionOpened.class);
        bob.close();
        MemoryHosts.next(seen, SwarmEvent.ConnectionClosed.class);
        // The swarm itself would wait longer.
        later(SwarmEvent.DialFailed.class);
        later(SwarmEvent.DialFailed.class);
        Host again = bob(key);
        assertThat(later(SwarmEvent.ConnectionOpened.class).peer()).isEqualTo(again.peerId());
    }

    @Test
    void aDefectOfATransportGivesNobodyUp() throws Exception {
        AtomicInteger dials = new AtomicInteger();
        RawTransport inner = net.transport();
        RawTransport breaksOnce =
                new RawTransport() {
                    @Override
                    public boolean handles(Multiaddr address) {
                        return inner.handles(address);
                    }

                    @Override
                    public RawConnection dial(Multiaddr address, Duration timeout)
                            throws IOException {
                        if (dials.incrementAndGet() == 1) {
                            throw new IllegalStateException("on purpose");
                        }
                        return inner.dial(address, timeout);
                    }

                    @Override
                    public RawListener listen(Multiaddr address) throws IOException {
                        return inner.listen(address);
                    }
                };
        Host bob = net.start(net.builder());
        Host carol = net.start(MemoryHosts.over(breaksOnce).timer(clock));
        carol.keepConnected("boot", wanted(bob).build());
        while (!carol.isConnected(bob.peerId())) {
            clock.advance(Duration.ofMillis(100));
            Thread.sleep(1);
        }
        assertThat(dials).hasValue(2);
    }

    @Test
    void afterTheEndNobodyIsDialled() throws Exception {
        Host bob = net.start(net.builder());
        KeptConnections kept = alice.keepConnected("boot", wanted(bob).build());
        MemoryHosts.next(seen, SwarmEvent.ConnectionOpened.class);
        kept.close();
        kept.close();
        assertThat(alice.isConnected(bob.peerId())).isTrue();
        alice.disconnect(bob.peerId());
        MemoryHosts.next(seen, SwarmEvent.ConnectionClosed.class);
        clock.advance(MINUTE);
        alice.close();
        assertThat(seen).noneMatch(SwarmEvent.ConnectionOpened.class::isInstance);
    }

    @Test
    void theEndInterruptsADialUnderWay() throws Exception {
        SlowTransport slow = new SlowTransport(net.transport());
        Host carol = net.start(MemoryHosts.over(slow).timer(clock));
        Multiaddr silent = slow.silent("/memory/9");
        KeptConnections kept =
                carol.keepConnected(
                        "boot",
                        WantedPeers.builder()
                                .peer(MemoryHosts.key().publicKey().peerId(), List.of(silent))
                                .build());
        assertThat(slow.dialled.take()).isEqualTo(silent);
        kept.close();
        slow.interrupted.acquire();
    }

    @Test
    void anotherSetWithTheSameTagTakesThePlaceOfTheFirst() throws Exception {
        Host bob = net.start(net.builder());
        Host carol = net.start(net.builder());
        alice.keepConnected("boot", wanted(bob).build());
        MemoryHosts.next(seen, SwarmEvent.ConnectionOpened.class);
        alice.keepConnected("boot", wanted(carol).build());
        MemoryHosts.next(seen, SwarmEvent.ConnectionOpened.class);
        assertThat(alice.unprotect(bob.peerId(), "none")).isFalse();
        assertThat(alice.unprotect(carol.peerId(), "none")).isTrue();
        alice.disconnect(bob.peerId());
        MemoryHosts.next(seen, SwarmEvent.ConnectionClosed.class);
        clock.advance(MINUTE);
        assertThat(alice.connectedPeers()).containsExactly(carol.peerId());
    }

    @Test
    void peersOfAHostThatIsNotStartedYetAreDialledThen() throws Exception {
        Host bob = net.start(net.builder());
        Host carol = net.builder().build();
        BlockingQueue<HostEvent> seenByCarol = MemoryHosts.events(carol);
        carol.keepConnected("boot", wanted(bob).build());
        carol.start();
        assertThat(MemoryHosts.next(seenByCarol, SwarmEvent.ConnectionOpened.class).peer())
                .isEqualTo(bob.peerId());
        carol.close();
    }
}
