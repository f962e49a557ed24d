package org.tutti.libp2p.peerscore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.time.ManualClock;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;

class PeerScoresTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final ManualClock clock = new ManualClock();
    private final PeerScores scores = new PeerScores(clock, HOUR);
    private final PeerId alice = peer(-1);
    private final PeerId mallory = peer(-2);

    static PeerId peer(int number) {
        return PeerId.ofEncodedKey(Bytes.wrap(ByteBuffer.allocate(36).putInt(number).array()));
    }

    @Test
    void nothingIsHeldAgainstAStranger() {
        assertThat(scores.score(alice)).isZero();
        assertThat(scores.size()).isZero();
    }

    @Test
    void penaltiesAddUpAndDecayByHalfWithEachHalfLife() {
        scores.penalize(mallory, "A", 30);
        scores.penalize(mallory, "B", 10);
        assertThat(scores.score(mallory)).isCloseTo(-40, within(1e-6));
        clock.advance(HOUR);
        assertThat(scores.score(mallory)).isCloseTo(-20, within(1e-6));
        scores.penalize(mallory, "A", 4);
        clock.advance(HOUR.multipliedBy(2));
        assertThat(scores.score(mallory)).isCloseTo(-6, within(1e-6));
        clock.advance(HOUR.multipliedBy(10));
        assertThat(scores.score(mallory)).isZero();
        assertThat(scores.stored()).isEmpty();
        assertThat(scores.score(alice)).isZero();
    }

    @Test
    void onePenaltyAndTheSumAreBounded() {
        scores.penalize(mallory, "A", 1e300);
        assertThat(scores.score(mallory)).isCloseTo(-PeerScores.MAX_PENALTY, within(1e-6));
        for (int i = 0; i < 1_000; i++) {
            scores.penalize(mallory, "A", 99);
        }
        assertThat(scores.score(mallory)).isCloseTo(-PeerScores.MAX_POINTS, within(1e-6));
        assertThat(scores.stored().getFirst().points()).isLessThanOrEqualTo(PeerScores.MAX_POINTS);
    }

    @Test
    void pointsAndCodesThatAreNoneAreRefused() {
        for (double points : new double[] {0, -1, Double.NaN, Double.NEGATIVE_INFINITY}) {
            assertThatThrownBy(() -> scores.penalize(mallory, "A", points))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (String code : List.of("", "A".repeat(65), "a\nb", "ä", "a b")) {
            assertThatThrownBy(() -> scores.penalize(mallory, code, 1))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(scores.size()).isZero();
    }

    /// 100,000 new ids, each with a penalty almost as large as one can be.
    @Test
    void newIdsDoNotPushOutABadPeerAndTheTableStaysBounded() {
        scores.penalize(mallory, "FORGED", 100);
        scores.penalize(mallory, "FORGED", 1);
        for (int i = 0; i < 100_000; i++) {
            scores.penalize(peer(i), "FLOOD", 99);
            clock.advance(Duration.ofMillis(1));
        }
        assertThat(scores.size()).isEqualTo(PeerScores.MAX_PEERS);
        assertThat(scores.score(mallory)).isLessThan(-95);
    }

    @Test
    void theOneWithTheLeastHeldAgainstItGoesBeItTheNewcomer() {
        PeerScores small = new PeerScores(clock, HOUR, 2);
        small.penalize(alice, "A", 3);
        small.penalize(mallory, "A", 8);
        small.penalize(peer(1), "A", 2);
        assertThat(small.score(peer(1))).isZero();
        assertThat(small.score(alice)).isNegative();
        // What was worse an hour ago is less now.
        clock.advance(HOUR);
        small.penalize(peer(1), "A", 2);
        assertThat(small.score(alice)).isZero();
        assertThat(small.score(peer(1))).isCloseTo(-2, within(1e-6));
        assertThat(small.score(mallory)).isCloseTo(-4, within(1e-6));
        assertThat(small.size()).isEqualTo(2);
    }

    @Test
    void aClockThatIsSetBackMakesNothingWorse() {
        Instant[] now = {Instant.parse("2026-01-01T00:00:00Z")};
        PeerScores moved = new PeerScores(() -> now[0], HOUR);
        moved.penalize(mallory, "A", 50);
        now[0] = now[0].minus(Duration.ofDays(400));
        assertThat(moved.score(mallory)).isCloseTo(-50, within(1e-6));
        moved.penalize(mallory, "A", 10);
        assertThat(moved.score(mallory)).isCloseTo(-60, within(1e-6));
        assertThat(moved.stored().getFirst().points()).isCloseTo(60, within(1e-6));
    }

    @Test
    void whatIsStoredDecaysWhileTheHostDoesNotRun() {
        scores.penalize(mallory, "A", 40);
        List<StoredPeerScore> stored = scores.stored();
        clock.advance(HOUR);
        PeerScores again = new PeerScores(clock, HOUR);
        again.restore(stored);
        assertThat(again.score(mallory)).isCloseTo(-20, within(1e-6));
        again.penalize(mallory, "A", 40);
        again.restore(stored);
        assertThat(again.score(mallory)).as("the worse is kept").isCloseTo(-60, within(1e-6));
    }

    @Test
    void whatWasStoredByAClockThatWasAheadDecaysFromNow() {
        scores.restore(
                List.of(
                        new StoredPeerScore(
                                mallory, 40, Instant.ofEpochMilli(Long.MAX_VALUE), "A")));
        clock.advance(HOUR);
        assertThat(scores.score(mallory)).isCloseTo(-20, within(1e-6));
    }

    @Test
    void manyThreadsLoseNoPenalty() throws Exception {
        CountDownLatch done = new CountDownLatch(4);
        for (int t = 0; t < 4; t++) {
            Thread.ofPlatform()
                    .start(() -> {
                        for (int i = 0; i < 1_000; i++) {
                            scores.penalize(mallory, "A", 0.1);
                        }
                        done.countDown();
                    });
        }
        done.await();
        assertThat(scores.score(mallory)).isCloseTo(-400, within(1e-6));
        assertThat(scores.changes()).isEqualTo(4_000);
    }
}
