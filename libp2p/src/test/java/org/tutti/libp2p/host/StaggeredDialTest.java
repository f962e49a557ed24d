package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.dns.Resolver;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.DialFailedException;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.swarm.SwarmClosedException;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.time.ManualClock;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Addresses are dialled a little apart, by a clock that only the test moves.
@Timeout(60)
class StaggeredDialTest {
    private static final Duration APART = Duration.ofMillis(250);

    private final MemoryHosts net = new MemoryHosts();
    private final ManualClock clock = new ManualClock();
    private final SlowTransport slow = new SlowTransport(net.transport());
    private Host alice;
    private Host bob;

    @BeforeEach
    void start() throws Exception {
        alice = net.start(MemoryHosts.over(slow).timer(clock));
        bob = net.start(net.builder());
    }

    @AfterEach
    void close() {
        net.close();
    }

    /// A caller on a thread of its own.
    private static final class Caller {
        final FutureTask<Connection> result;
        final Thread thread;

        Caller(Host host, PeerId peer, List<Multiaddr> addresses) {
            result = new FutureTask<>(() -> host.connect(peer, addresses));
            thread = Thread.ofVirtual().start(result);
        }

        Connection get() throws Exception {
            return result.get(20, TimeUnit.SECONDS);
        }
    }

    private Multiaddr nextDialled() throws InterruptedException {
        return slow.dialled.poll(20, TimeUnit.SECONDS);
    }

    private void awaitInterrupted(int count) throws InterruptedException {
        assertThat(slow.interrupted.tryAcquire(count, 20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void threeAddressesThatSwallowPacketsCostThreeDelays() throws Exception {
        List<Multiaddr> addresses = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            addresses.add(slow.silent("/ip4/203.0.113." + i + "/tcp/4001"));
        }
        addresses.add(MemoryHosts.addressOf(bob));
        Caller caller = new Caller(alice, bob.peerId(), addresses);
        for (int i = 0; i < 3; i++) {
            assertThat(nextDialled()).isEqualTo(addresses.get(i));
            assertThat(caller.result.isDone()).isFalse();
            clock.advance(APART);
        }
        assertThat(caller.get().remotePeer()).isEqualTo(bob.peerId());
        assertThat(clock.nanoTime()).isEqualTo(3 * APART.toNanos());
        awaitInterrupted(3);
        assertThat(alice.connections(bob.peerId())).hasSize(1);
    }

    @Test
    void afterAFailureTheNextAddressIsDialledAtOnce() throws Exception {
        List<Multiaddr> addresses =
                List.of(
                        Multiaddr.parse("/memory/901"),
                        Multiaddr.parse("/memory/902"),
                        MemoryHosts.addressOf(bob));
        assertThat(alice.connect(bob.peerId(), addresses).remotePeer()).isEqualTo(bob.peerId());
        assertThat(clock.nanoTime()).isZero();
    }

    /// Says nothing about names before the test lets it.
    private static final class SlowNames implements Resolver {
        final CountDownLatch asked = new CountDownLatch(1);
        final CountDownLatch answer = new CountDownLatch(1);
        final Semaphore interrupted = new Semaphore(0);
        final List<String> texts;

        SlowNames(List<String> texts) {
            this.texts = texts;
        }

        @Override
        public List<Inet4Address> ip4(String name) {
            return List.of();
        }

        @Override
        public List<Inet6Address> ip6(String name) {
            return List.of();
        }

        @Override
        public List<String> txt(String name) throws IOException {
            asked.countDown();
            try {
                answer.await();
            } catch (InterruptedException e) {
                interrupted.release();
                throw new InterruptedIOException("interrupted");
            }
            return texts;
        }
    }

    private List<Multiaddr> nameAnd(Multiaddr plain) {
        return List.of(Multiaddr.parse("/dnsaddr/bob.example/p2p/" + bob.peerId()), plain);
    }

    private Host withNames(SlowNames names) throws IOException {
        return net.start(MemoryHosts.over(slow).timer(clock).resolver(names));
    }

    @Test
    void aNameServerThatDoesNotAnswerHoldsUpNoAddressWithoutAName() throws Exception {
        SlowNames names = new SlowNames(List.of());
        Host carol = withNames(names);
        assertThat(carol.connect(bob.peerId(), nameAnd(MemoryHosts.addressOf(bob))).isOpen())
                .isTrue();
        assertThat(clock.nanoTime()).isZero();
        // Nobody waits for its answer any more.
        if (names.asked.await(0, TimeUnit.SECONDS)) {
            assertThat(names.interrupted.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
        }
        carol.disconnect(bob.peerId());
        assertThat(carol.connect(MemoryHosts.addressOf(bob)).isOpen()).isTrue();
    }

    @Test
    void whatANameStandsForIsDialledBesideAnAddressThatSwallowsPackets() throws Exception {
        SlowNames names = new SlowNames(List.of("dnsaddr=" + MemoryHosts.addressOf(bob)));
        Host carol = withNames(names);
        Multiaddr silent = slow.silent("/ip4/203.0.113.1/tcp/4001");
        Caller caller = new Caller(carol, bob.peerId(), nameAnd(silent));
        assertThat(nextDialled()).isEqualTo(silent);
        int pending = clock.pending();
        names.answer.countDown();
        // The attempt that its answer led to waits behind the one that is under way.
        clock.awaitPending(pending + 1, Duration.ofSeconds(20));
        assertThat(slow.dialled).isEmpty();
        clock.advance(APART);
        assertThat(caller.get().remotePeer()).isEqualTo(bob.peerId());
        assertThat(clock.nanoTime()).isEqualTo(APART.toNanos());
    }

    @Test
    void theDialFailsOnlyOnceTheNamesAreLookedUpToo() throws Exception {
        SlowNames names = new SlowNames(List.of());
        Host carol = withNames(names);
        Caller caller = new Caller(carol, bob.peerId(), nameAnd(Multiaddr.parse("/memory/901")));
        assertThat(names.asked.await(20, TimeUnit.SECONDS)).isTrue();
        nextDialled();
        assertThat(caller.result.isDone()).isFalse();
        names.answer.countDown();
        assertThatThrownBy(caller::get)
                .hasCauseInstanceOf(DialFailedException.class)
                .hasMessageContaining("bob.example")
                .hasMessageContaining("/memory/901");
    }

    @Test
    void whoIsInterruptedWhileNamesAreLookedUpEndsThatToo() throws Exception {
        SlowNames names = new SlowNames(List.of());
        Host carol = withNames(names);
        Caller caller =
                new Caller(
                        carol,
                        bob.peerId(),
                        List.of(Multiaddr.parse("/dnsaddr/bob.example/p2p/" + bob.peerId())));
        assertThat(names.asked.await(20, TimeUnit.SECONDS)).isTrue();
        caller.thread.interrupt();
        assertThatThrownBy(caller::get).hasCauseInstanceOf(InterruptedIOException.class);
        assertThat(names.interrupted.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
        // It has ended, and an interrupted look-up is not held against the name.
        names.answer.countDown();
        assertThatThrownBy(() -> carol.connect(bob.peerId()))
                .isInstanceOf(DialFailedException.class);
    }

    @Test
    void whoIsInterruptedEndsTheAttempts() throws Exception {
        Caller caller =
                new Caller(
                        alice,
                        bob.peerId(),
                        List.of(slow.silent("/memory/901"), slow.silent("/memory/902")));
        nextDialled();
        clock.advance(APART);
        nextDialled();
        caller.thread.interrupt();
        assertThatThrownBy(caller::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(InterruptedIOException.class);
        awaitInterrupted(2);
        assertThat(alice.connect(MemoryHosts.addressOf(bob)).isOpen()).isTrue();
    }

    @Test
    void theDialGoesOnIfAnotherWaitsForIt() throws Exception {
        List<Multiaddr> addresses = List.of(slow.silent("/memory/901"), MemoryHosts.addressOf(bob));
        Caller first = new Caller(alice, bob.peerId(), addresses);
        nextDialled();
        Caller second = new Caller(alice, bob.peerId(), addresses);
        awaitWaiting(second.thread);
        first.thread.interrupt();
        assertThatThrownBy(first::get).hasCauseInstanceOf(InterruptedIOException.class);
        clock.advance(APART);
        assertThat(second.get().remotePeer()).isEqualTo(bob.peerId());
    }

    @Test
    void closingTheHostEndsItsDials() throws Exception {
        Caller caller = new Caller(alice, bob.peerId(), List.of(slow.silent("/memory/901")));
        nextDialled();
        alice.close();
        assertThatThrownBy(caller::get).hasCauseInstanceOf(SwarmClosedException.class);
        awaitInterrupted(1);
    }

    @Test
    void attemptsBesideTheFirstAreBounded() throws Exception {
        Host carol =
                net.start(
                        MemoryHosts.over(slow)
                                .timer(clock)
                                .limits(
                                        ResourceLimits.builder()
                                                .maxFurtherDialAttempts(1)
                                                .build()));
        List<Caller> callers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            List<Multiaddr> addresses = new ArrayList<>();
            for (int k = 0; k < 3; k++) {
                addresses.add(slow.silent("/memory/" + (900 + 10 * i + k)));
            }
            callers.add(new Caller(carol, MemoryHosts.key().publicKey().peerId(), addresses));
            nextDialled();
        }
        clock.advance(Duration.ofSeconds(9));
        assertThat(nextDialled()).isNotNull();
        callers.forEach(c -> c.thread.interrupt());
        awaitInterrupted(4);
        assertThat(slow.dialled).isEmpty();
    }

    @Test
    void attemptsOfOneDialAreBounded() throws Exception {
        List<Multiaddr> addresses = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            addresses.add(slow.silent("/memory/" + (900 + i)));
        }
        Caller caller = new Caller(alice, bob.peerId(), addresses);
        for (int i = 0; i < 8; i++) {
            assertThat(nextDialled()).isEqualTo(addresses.get(i));
            clock.advance(APART);
        }
        clock.advance(Duration.ofSeconds(5));
        caller.thread.interrupt();
        awaitInterrupted(8);
        assertThat(slow.dialled).isEmpty();
    }

    @Test
    void addressesOfNoTransportOfOursTakeNoPlace() throws Exception {
        List<Multiaddr> addresses = new ArrayList<>();
        for (int i = 1; i <= 20; i++) {
            addresses.add(Multiaddr.parse("/ip4/203.0.113." + i + "/udp/4001/quic-v1"));
        }
        addresses.add(MemoryHosts.addressOf(bob));
        assertThat(alice.connect(bob.peerId(), addresses).isOpen()).isTrue();
        assertThatThrownBy(() ->
                        alice.connect(
                                MemoryHosts.key().publicKey().peerId(), addresses.subList(0, 1)))
                .isInstanceOf(DialFailedException.class)
                .hasMessageContaining("no transport");
    }

    @Test
    void aTransportThatHasADefectFailsTheDialAndNothingElse() throws Exception {
        Multiaddr broken = Multiaddr.parse("/memory/66");
        RawTransport inner = net.transport();
        Host carol =
                net.start(
                        MemoryHosts.over(
                                new RawTransport() {
                                    @Override
                                    public boolean handles(Multiaddr address) {
                                        return inner.handles(address);
                                    }

                                    @Override
                                    public RawConnection dial(Multiaddr address, Duration timeout)
                                            throws IOException {
                                        if (address.equals(broken)) {
                                            throw new IllegalStateException("on purpose");
                                        }
                                        return inner.dial(address, timeout);
                                    }

                                    @Override
                                    public RawListener listen(Multiaddr address)
                                            throws IOException {
                                        return inner.listen(address);
                                    }
                                }));
        assertThatThrownBy(() -> carol.connect(bob.peerId(), List.of(broken)))
                .isInstanceOf(IllegalStateException.class)
                .hasStackTraceContaining("on purpose");
        assertThat(carol.connect(MemoryHosts.addressOf(bob)).isOpen()).isTrue();
    }

    @Test
    void anAttemptThatFinishesTooLateIsClosed() throws Exception {
        CountDownLatch late = new CountDownLatch(1);
        Multiaddr slowly = Multiaddr.parse("/memory/77");
        Multiaddr address = MemoryHosts.addressOf(bob).withoutPeerId();
        BlockingQueue<HostEvent> seen = MemoryHosts.events(bob);
        RawTransport inner = net.transport();
        ManualClock time = new ManualClock();
        CountDownLatch begun = new CountDownLatch(1);
        Host carol =
                net.start(
                        MemoryHosts.over(
                                        new RawTransport() {
                                            @Override
                                            public boolean handles(Multiaddr a) {
                                                return inner.handles(a);
                                            }

                                            @Override
                                            public RawConnection dial(Multiaddr a, Duration timeout)
                                                    throws IOException {
                                                if (!a.equals(slowly)) {
                                                    return inner.dial(a, timeout);
                                                }
                                                begun.countDown();
                                                awaitWhatever(late);
                                                return inner.dial(address, timeout);
                                            }

                                            @Override
                                            public RawListener listen(Multiaddr a)
                                                    throws IOException {
                                                return inner.listen(a);
                                            }
                                        })
                                .timer(time));
        Caller caller = new Caller(carol, bob.peerId(), List.of(slowly, address));
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        time.advance(APART);
        Connection connection = caller.get();
        MemoryHosts.next(seen, SwarmEvent.ConnectionOpened.class);
        late.countDown();
        assertThat(MemoryHosts.next(seen, SwarmEvent.ConnectionClosed.class).connections())
                .isEqualTo(1);
        assertThat(carol.connections(bob.peerId())).containsExactly(connection);
        assertThat(carol.ping(bob.peerId())).isPositive();
    }

    /// Though it is interrupted, which it forgets.
    private static void awaitWhatever(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                // A transport of somebody else may not care.
            }
        }
    }

    private static void awaitWaiting(Thread thread) {
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }
}
