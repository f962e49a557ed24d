package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.muxer.MuxerException;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.LivenessPolicy;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.SwarmEvent;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Alice notices that somebody is gone, by a clock that only the test moves.
@Timeout(60)
class LivenessTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration REAL = Duration.ofSeconds(20);

    private final MemoryHosts net = new MemoryHosts();
    private final LookTimer clock = new LookTimer();
    private final FreezingTransport freezing = new FreezingTransport(net.transport());
    private final BlockingQueue<SwarmEvent.ConnectionClosed> closed = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        freezing.thaw();
        net.close();
    }

    private Host alice() throws Exception {
        Host alice = net.start(net.builder().timer(clock));
        var _ = alice.subscribe(SwarmEvent.ConnectionClosed.class, closed::add);
        return alice;
    }

    private Host bob() throws Exception {
        return net.start(
                MemoryHosts.over(freezing).handler("/wait/1", s -> s.read(new byte[1], 0, 1)));
    }

    private Connection connected(Host alice, Host bob) throws Exception {
        Connection connection = alice.connect(MemoryHosts.addressOf(bob));
        alice.awaitIdentified(connection, REAL);
        return connection;
    }

    /// @return seconds on the clock
    private int secondsUntilLost(Host alice, Host bob, int most) {
        int seconds = 0;
        while (alice.isConnected(bob.peerId()) && seconds < most) {
            clock.tick(() -> !alice.isConnected(bob.peerId()));
            seconds++;
        }
        return seconds;
    }

    @Test
    void aFrozenMemberIsLostWithinTenSeconds() throws Exception {
        Host alice = alice();
        Host bob = bob();
        alice.setMembers("friends", Set.of(bob.peerId()));
        connected(alice, bob);
        freezing.freeze();
        assertThat(secondsUntilLost(alice, bob, 12)).isBetween(9, 10);
        assertThat(alice.isConnected(bob.peerId())).isFalse();
    }

    @Test
    void anyOtherFrozenPeerIsLostWithinThirty() throws Exception {
        Host alice = alice();
        Host bob = bob();
        connected(alice, bob);
        freezing.freeze();
        assertThat(secondsUntilLost(alice, bob, 32)).isBetween(25, 30);
    }

    @Test
    void theReasonIsToldByTheEventAndByStreams() throws Exception {
        Host alice = alice();
        Host bob = bob();
        alice.setMembers("friends", Set.of(bob.peerId()));
        Stream stream = connected(alice, bob).openStream("/wait/1");
        freezing.freeze();
        secondsUntilLost(alice, bob, 10);
        assertThat(closed.poll(20, TimeUnit.SECONDS).reason())
                .isEqualTo("no sign of life within 9 s");
        assertThatThrownBy(() -> stream.read(new byte[1], 0, 1))
                .isInstanceOfSatisfying(
                        MuxerException.class,
                        e ->
                                assertThat(e.code())
                                        .isEqualTo(MuxerException.Code.KEEP_ALIVE_TIMEOUT));
    }

    @Test
    void whoAnswersStaysAndIsMeasured() throws Exception {
        Host alice = alice();
        Host bob = bob();
        alice.setMembers("friends", Set.of(bob.peerId()));
        connected(alice, bob);
        while (alice.roundTrip(bob.peerId()).isEmpty()) {
            clock.tick(() -> false);
            // Whatever bob answers counts.
            alice.ping(bob.peerId());
        }
        for (int i = 0; i < 30; i++) {
            clock.tick(() -> false);
            alice.ping(bob.peerId());
        }
        assertThat(alice.roundTrip(bob.peerId()).get()).isPositive();
        assertThat(closed).isEmpty();
    }

    @Test
    void whoIsNoLongerAMemberIsGivenMoreTime() throws Exception {
        Host alice = alice();
        Host bob = bob();
        alice.setMembers("friends", Set.of(bob.peerId()));
        alice.setMembers("others", Set.of(MemoryHosts.key().publicKey().peerId()));
        connected(alice, bob);
        clock.tick(() -> false);
        alice.setMembers("friends", Set.of());
        freezing.freeze();
        assertThat(secondsUntilLost(alice, bob, 32)).isBetween(20, 30);
    }

    @Test
    void withoutConnectionsNoTimerRuns() throws Exception {
        Host alice = alice();
        assertThat(clock.pending()).isZero();
        int threads = alice.runningThreads();
        Host bob = bob();
        connected(alice, bob);
        alice.disconnect(bob.peerId());
        assertThat(closed.poll(20, TimeUnit.SECONDS)).isNotNull();
        // The look that is still to come finds nothing.
        for (int i = 0; i < 60; i++) {
            clock.tick(() -> true);
        }
        while (alice.runningThreads() > threads) {
            Thread.onSpinWait();
        }
        assertThat(clock.pending()).isZero();
    }

    @Test
    void membersHaveTimeForTwoPings() {
        assertThatThrownBy(() -> new LivenessPolicy(SECOND, SECOND, Duration.ofSeconds(30)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LivenessPolicy(SECOND, Duration.ofSeconds(3), SECOND))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LivenessPolicy(Duration.ZERO, SECOND, SECOND))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
