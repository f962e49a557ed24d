package org.tutti.wallet.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.units.Sat;
import org.tutti.signing.request.SessionId;
import org.tutti.wallet.policy.SpendingWindow.Approved;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// The day's limit under clocks that jump.
class SpendingWindowTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration DAY = Duration.ofHours(24);
    private static final long LIMIT = 10;

    private final SpendingWindow window = new SpendingWindow(Sat.of(LIMIT), 100, List.of(), 0);

    /// True time, and the three clocks: the wall clock jumps both ways, at any time, by years; the
    /// chain's is behind or ahead by up to two hours; the process is started again now and then.
    @RepeatedTest(50)
    void howeverTheWallClockJumpsNoMoreThanTheLimitLeavesInADay(RepetitionInfo repetition)
            throws Exception {
        Random random = new Random(repetition.getCurrentRepetition());
        Duration span = Duration.ofHours(20);
        SpendingWindow now = new SpendingWindow(Sat.of(LIMIT), 1_000, List.of(), 0);
        List<Instant> approvals = new ArrayList<>();
        Duration passed = Duration.ZERO;
        long started = 0;
        Duration wrong = Duration.ZERO;
        Instant chain = Instant.MIN;
        for (int step = 0; step < 400; step++) {
            passed = passed.plusMinutes(random.nextInt(120));
            Instant truth = NOW.plus(passed);
            if (random.nextInt(3) == 0) {
                wrong =
                        random.nextBoolean()
                                ? Duration.ZERO
                                : Duration.ofHours(random.nextInt(-20_000, 20_000));
            }
            Instant miners = truth.plusSeconds(random.nextInt(-7_200, 7_200));
            chain = miners.isAfter(chain) ? miners : chain;
            ClockReading reading =
                    new ClockReading(truth.plus(wrong), passed.toNanos() - started, chain);
            if (random.nextInt(20) == 0) {
                started = passed.toNanos();
                now = new SpendingWindow(Sat.of(LIMIT), 1_000, now.all(), 0);
                reading = new ClockReading(reading.wall(), 0, chain);
            }
            now.expire(reading);
            try {
                now.count(session(step), txid(step), Sat.of(1), reading);
                approvals.add(truth);
            } catch (RefusedException e) {
                assertThat(e.code()).isEqualTo(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT);
            }
            Instant begin = truth.minus(span);
            assertThat(approvals.stream().filter(at -> at.isAfter(begin)).count())
                    .isLessThanOrEqualTo(LIMIT);
        }
        assertThat(approvals).isNotEmpty();
    }

    @Test
    void withARightClockADayLaterAllIsFree() throws Exception {
        window.count(session(1), txid(1), Sat.of(10), at(Duration.ZERO));
        assertThat(window.expire(at(DAY.minusNanos(1)))).isEmpty();
        assertThat(window.expire(at(DAY))).containsExactly(txid(1));
        assertThat(window.all()).isEmpty();
    }

    @Test
    void theWallClockAloneFreesNothing() throws Exception {
        window.count(session(1), txid(1), Sat.of(10), at(Duration.ZERO));
        assertThat(window.expire(new ClockReading(NOW.plus(DAY), 5, Instant.MIN))).isEmpty();
        assertThat(window.expire(new ClockReading(NOW.plus(DAY), DAY.toNanos() - 1, NOW)))
                .isEmpty();
    }

    @Test
    void neitherRunningTimeNorChainFreesWithoutTheWallClock() throws Exception {
        window.count(session(1), txid(1), Sat.of(10), at(Duration.ZERO));
        Instant later = NOW.plus(Duration.ofDays(9));
        assertThat(window.expire(new ClockReading(NOW, Duration.ofDays(9).toNanos(), later)))
                .isEmpty();
    }

    @Test
    void afterARestartTheChainAgreesInThePlaceOfTheRunningTime() {
        List<Approved> before = List.of(new Approved(txid(1), NOW, 10));
        SpendingWindow again = new SpendingWindow(Sat.of(LIMIT), 100, before, 77);
        Instant end = NOW.plus(DAY);
        assertThat(again.expire(new ClockReading(end, 77, end.minusSeconds(1)))).isEmpty();
        assertThat(again.expire(new ClockReading(end, 77, end))).containsExactly(txid(1));
    }

    /// A clock that is behind must not make an approval look old once it is right again.
    @Test
    void anApprovalIsNeverOlderThanTheChain() throws Exception {
        ClockReading behind = new ClockReading(Instant.EPOCH, 0, NOW);
        window.count(session(1), txid(1), Sat.of(10), behind);
        assertThat(window.all()).containsExactly(new Approved(txid(1), NOW, 10));
    }

    @Test
    void oneTransactionInTwoSessionsIsFreeWhenBothAreReleased() throws Exception {
        window.count(session(1), txid(1), Sat.of(10), at(Duration.ZERO));
        window.count(session(2), txid(1), Sat.of(10), at(Duration.ZERO));
        assertThat(window.released(session(1))).isEmpty();
        assertThat(window.released(session(1))).isEmpty();
        assertThat(window.released(session(2))).contains(txid(1));
        window.count(session(3), txid(2), Sat.of(10), at(Duration.ZERO));
    }

    @Test
    void oneTransactionInTwoSessionsStaysCountedIfOneOfThemMayBeSigned() throws Exception {
        window.count(session(1), txid(1), Sat.of(10), at(Duration.ZERO));
        window.count(session(2), txid(1), Sat.of(10), at(Duration.ZERO));
        window.committed(session(1), txid(1));
        assertThat(window.released(session(2))).isEmpty();
        window.count(session(3), txid(1), Sat.of(10), at(Duration.ZERO));
        assertThat(window.released(session(3))).isEmpty();
        assertThatThrownBy(() -> window.count(session(4), txid(2), Sat.of(1), at(Duration.ZERO)))
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void aSessionWhoseApprovalIsOverDoesNotReleaseALaterOneOfTheSameTransaction() throws Exception {
        window.count(session(1), txid(1), Sat.of(10), at(Duration.ZERO));
        assertThat(window.expire(at(DAY))).containsExactly(txid(1));
        window.count(session(2), txid(1), Sat.of(10), at(DAY));
        window.committed(session(2), txid(1));
        assertThat(window.released(session(1))).isEmpty();
        assertThat(window.all()).hasSize(1);
    }

    @Test
    void aSessionThatNobodyCountedReleasesNothing() throws Exception {
        window.count(session(1), txid(1), Sat.of(10), at(Duration.ZERO));
        assertThat(window.released(session(2))).isEmpty();
        assertThat(window.all()).hasSize(1);
    }

    /// All three clocks say the same.
    private static ClockReading at(Duration passed) {
        return new ClockReading(NOW.plus(passed), passed.toNanos(), NOW.plus(passed));
    }

    private static Txid txid(int number) {
        return Txid.hashOf(ByteBuffer.allocate(4).putInt(number).array());
    }

    private static SessionId session(int number) {
        return new SessionId(Bytes.of(ByteBuffer.allocate(32).putInt(number).array()));
    }
}
