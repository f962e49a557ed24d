package org.tutti.libp2p.internal.wanted;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.WantedPeers;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

class WantedEngineTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long LASTING = WantedEngine.LASTING.toNanos();

    private final List<PeerId> ordered =
            Stream.generate(() -> MemoryHosts.key().publicKey().peerId())
                    .limit(4)
                    .sorted((a, b) -> a.multihash().compareTo(b.multihash()))
                    .toList();
    private final PeerId self = ordered.get(1);
    private final PeerId bob = ordered.get(2);
    private final PeerId carol = ordered.get(3);
    private final PeerId lower = ordered.get(0);

    /// Always the longest wait.
    private static final Random LONGEST =
            new Random(1) {
                @Override
                public long nextLong(long bound) {
                    return bound - 1;
                }
            };

    private WantedEngine engine(int number, PeerId... peers) {
        WantedPeers.Builder wanted =
                WantedPeers.builder()
                        .number(number)
                        .backoff(Duration.ofSeconds(1), Duration.ofSeconds(4))
                        .higherIdWaits(Duration.ofSeconds(3));
        for (PeerId peer : peers) {
            wanted.peer(peer, List.of());
        }
        return new WantedEngine(self, wanted.build(), LONGEST, 0);
    }

    private static void dialled(WantedEngine engine, PeerId peer, boolean connected, long now) {
        engine.connected(peer, connected, now);
        engine.dialEnded(peer, now);
    }

    @Test
    void asManyAreDialledAsAreWanted() {
        WantedEngine engine = engine(1, bob, carol);
        assertThat(engine.next(0)).containsExactly(bob);
        assertThat(engine.next(0)).isEmpty();
        assertThat(engine.wakeAt()).isEmpty();
        dialled(engine, bob, true, 0);
        assertThat(engine.next(0)).isEmpty();
        assertThat(engine.wakeAt()).isEmpty();
        assertThat(engine.connectedCount()).isEqualTo(1);
    }

    @Test
    void whereOneCannotBeReachedAnotherTakesItsPlace() {
        WantedEngine engine = engine(1, bob, carol);
        engine.next(0);
        dialled(engine, bob, false, 0);
        assertThat(engine.next(0)).containsExactly(carol);
        dialled(engine, carol, false, 0);
        assertThat(engine.next(0)).isEmpty();
        assertThat(engine.wakeAt()).hasValue(SECOND);
        assertThat(engine.next(SECOND - 1)).isEmpty();
        assertThat(engine.next(SECOND)).containsExactly(bob);
    }

    @Test
    void theWaitGrowsAndIsBounded() {
        WantedEngine engine = engine(1, bob);
        long now = 0;
        for (long seconds : new long[] {1, 2, 4, 4}) {
            assertThat(engine.next(now)).containsExactly(bob);
            dialled(engine, bob, false, now);
            now += seconds * SECOND;
            assertThat(engine.wakeAt()).hasValue(now);
        }
    }

    @Test
    void whoIsLostIsDialledAgainAtOnceIfTheConnectionLasted() {
        WantedEngine engine = engine(9, bob);
        engine.connected(bob, true, 0);
        engine.connected(bob, false, LASTING);
        assertThat(engine.next(LASTING)).containsExactly(bob);
        dialled(engine, bob, true, LASTING);
        // It accepts everybody and closes at once.
        engine.connected(bob, false, LASTING + 1);
        assertThat(engine.next(LASTING + 1)).isEmpty();
        assertThat(engine.next(LASTING + 1 + SECOND)).containsExactly(bob);
        // Before anybody saw that it was connected.
        dialled(engine, bob, false, LASTING + 1 + SECOND);
        assertThat(engine.next(LASTING + 1 + SECOND)).isEmpty();
        assertThat(engine.wakeAt()).hasValue(LASTING + 1 + 3 * SECOND);
    }

    @Test
    void theHigherIdLeavesDiallingToTheOtherForAWhile() {
        WantedEngine engine = engine(9, lower, bob);
        assertThat(engine.next(0)).containsExactly(bob);
        assertThat(engine.wakeAt()).hasValue(3 * SECOND);
        engine.connected(lower, true, SECOND);
        engine.connected(lower, false, SECOND + LASTING);
        assertThat(engine.wakeAt()).hasValue(4 * SECOND + LASTING);
        assertThat(engine.next(4 * SECOND + LASTING)).containsExactly(lower);
    }

    @Test
    void whoDialsUsCountsAndWeDoNotDialOurselves() {
        WantedEngine engine = engine(9, self, bob);
        engine.connected(bob, true, 0);
        assertThat(engine.next(0)).isEmpty();
        assertThat(engine.isWanted(self)).isFalse();
        engine.connected(carol, true, 0);
        assertThat(engine.connectedCount()).isEqualTo(1);
    }
}
