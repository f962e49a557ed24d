package org.tutti.libp2p.internal.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.Random;
import java.util.concurrent.TimeUnit;

class DialBackoffTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final Multiaddr ADDRESS = Multiaddr.parse("/memory/1");
    private static final Multiaddr OTHER = Multiaddr.parse("/memory/2");

    private final PeerId bob = MemoryHosts.key().publicKey().peerId();
    private final PeerId carol = MemoryHosts.key().publicKey().peerId();

    /// Always the longest wait.
    private final DialBackoff backoff =
            new DialBackoff(
                    new Random(1) {
                        @Override
                        public long nextLong(long bound) {
                            return bound - 1;
                        }
                    });

    private long seconds(long now) {
        return backoff.left(bob, ADDRESS, now) / SECOND;
    }

    @Test
    void eachFailureCostsMoreTimeUpToFiveMinutes() {
        long now = 0;
        for (long expected : new long[] {5, 6, 9, 14, 21}) {
            backoff.failed(bob, ADDRESS, now);
            assertThat(seconds(now)).isEqualTo(expected);
            now += expected * SECOND;
            assertThat(backoff.left(bob, ADDRESS, now)).isZero();
        }
        for (int i = 0; i < 100; i++) {
            backoff.failed(bob, ADDRESS, now);
        }
        assertThat(seconds(now)).isEqualTo(300);
    }

    @Test
    void anAddressOfAnotherPeerIsAnotherAndAConnectionClearsAllOfThePeer() {
        backoff.failed(bob, ADDRESS, 0);
        backoff.failed(bob, OTHER, 0);
        backoff.failed(carol, OTHER, 0);
        assertThat(backoff.left(carol, ADDRESS, 0)).isZero();
        backoff.clear(bob);
        assertThat(backoff.left(bob, ADDRESS, 0)).isZero();
        assertThat(backoff.left(bob, OTHER, 0)).isZero();
        assertThat(backoff.left(carol, OTHER, 0)).isPositive();
        assertThat(backoff.size()).isEqualTo(1);
    }

    @Test
    void oldFailuresAreForgotten() {
        backoff.failed(bob, ADDRESS, 0);
        backoff.failed(bob, ADDRESS, 5 * SECOND);
        backoff.failed(bob, ADDRESS, 100 * SECOND);
        assertThat(seconds(100 * SECOND)).isEqualTo(5);
    }

    @Test
    void jitterTakesUpToHalfOfTheWait() {
        DialBackoff jittered = new DialBackoff(new Random(7));
        long least = Long.MAX_VALUE;
        long most = 0;
        for (int i = 0; i < 1_000; i++) {
            Multiaddr address = Multiaddr.parse("/memory/" + i);
            jittered.failed(bob, address, 0);
            long left = jittered.left(bob, address, 0);
            least = Math.min(least, left);
            most = Math.max(most, left);
        }
        assertThat(least).isBetween(5 * SECOND / 2, 3 * SECOND);
        assertThat(most).isBetween(4 * SECOND, 5 * SECOND);
    }

    @Test
    void itIsBoundedAndForgetsWhoFailedLongestAgo() {
        for (int i = 0; i < DialBackoff.MAX_ADDRESSES; i++) {
            backoff.failed(carol, Multiaddr.parse("/memory/" + i), 0);
        }
        backoff.failed(bob, ADDRESS, 0);
        assertThat(backoff.size()).isEqualTo(1);
        assertThat(backoff.left(bob, ADDRESS, 0)).isPositive();
        PeerId dave = MemoryHosts.key().publicKey().peerId();
        backoff.failed(dave, ADDRESS, 0);
        for (int i = 0; i < DialBackoff.MAX_ADDRESSES - 1; i++) {
            backoff.failed(carol, Multiaddr.parse("/memory/" + i), 0);
        }
        assertThat(backoff.size()).isEqualTo(DialBackoff.MAX_ADDRESSES);
        assertThat(backoff.left(bob, ADDRESS, 0)).isZero();
        assertThat(backoff.left(dave, ADDRESS, 0)).isPositive();
        // One peer alone gets no more either.
        for (int i = 0; i < 2 * DialBackoff.MAX_ADDRESSES; i++) {
            backoff.failed(bob, Multiaddr.parse("/memory/" + i), 0);
            assertThat(backoff.size()).isLessThanOrEqualTo(DialBackoff.MAX_ADDRESSES);
        }
    }
}
