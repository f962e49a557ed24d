package org.tutti.signing.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.tutti.signing.journal.ForgottenTimes.Range;

import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

class ForgottenTimesTest {
    private final ForgottenTimes times = new ForgottenTimes();

    private static Range range(long first, long last) {
        return new Range(first, last);
    }

    @Test
    void onlyTimesThatWereAddedAreForgotten() {
        assertThat(times.contains(0)).isFalse();
        assertThat(times.ranges()).isEmpty();
        for (long time : new long[] {50, 10, 90, 50, 11}) {
            times.add(time);
        }
        for (long time = 0; time < 100; time++) {
            assertThat(times.contains(time))
                    .as("%d", time)
                    .isEqualTo(time == 10 || time == 11 || time == 50 || time == 90);
        }
        assertThat(times.ranges())
                .containsExactly(range(10, 10), range(11, 11), range(50, 50), range(90, 90));
    }

    @Test
    void firstAndLastTimesThereAreAreTimesLikeOthers() {
        times.add(Long.MAX_VALUE);
        times.add(0);
        times.add(Long.MIN_VALUE);
        assertThat(times.ranges())
                .containsExactly(range(0, 0), range(Long.MAX_VALUE, Long.MAX_VALUE));
        assertThat(times.contains(-1)).isFalse();
        assertThat(times.contains(Long.MAX_VALUE)).isTrue();
        assertThat(times.contains(Long.MAX_VALUE - 1)).isFalse();
    }

    @Test
    void rangesThatOverlapBecomeOne() {
        times.add(range(10, 20));
        times.add(range(30, 40));
        times.add(range(50, 60));
        times.add(range(12, 18));
        assertThat(times.ranges()).containsExactly(range(10, 20), range(30, 40), range(50, 60));
        times.add(range(20, 30));
        assertThat(times.ranges()).containsExactly(range(10, 40), range(50, 60));
        times.add(range(5, 70));
        assertThat(times.ranges()).containsExactly(range(5, 70));
        ForgottenTimes more = new ForgottenTimes();
        more.add(range(80, 90));
        more.addAll(times);
        assertThat(more.ranges()).containsExactly(range(5, 70), range(80, 90));
    }

    @Test
    void beyondTheBoundTheTwoWithTheLeastTimeBetweenThemBecomeOne() {
        int most = ForgottenTimes.MAX_RANGES;
        for (int i = 0; i < most; i++) {
            times.add(1_000 + 100L * i);
        }
        assertThat(times.ranges()).hasSize(most);
        long last = 1_000 + 100L * (most - 1);
        times.add(last + 99);
        assertThat(times.ranges()).hasSize(most).endsWith(range(last, last + 99));
        times.add(last + 1_000);
        assertThat(times.ranges())
                .as("of equal ones the first")
                .hasSize(most)
                .startsWith(range(1_000, 1_100), range(1_200, 1_200));
    }

    /// The time between now and a time far ahead is the longest of all: it stays free.
    @Test
    void timesFarAheadLeaveTheTimeUntilThenFree() {
        long ahead = 1L << 41;
        for (int i = 0; i < 5 * ForgottenTimes.MAX_RANGES; i++) {
            times.add(1_000L * i);
            times.add(ahead + 1_000L * i);
        }
        long last = 1_000L * (5 * ForgottenTimes.MAX_RANGES - 1);
        assertThat(times.contains(last)).isTrue();
        assertThat(times.contains(last + 1)).isFalse();
        assertThat(times.contains(ahead - 1)).isFalse();
        assertThat(times.contains(ahead)).isTrue();
        assertThat(times.contains(ahead + last)).isTrue();
        assertThat(times.contains(ahead + last + 1)).isFalse();
    }

    @Test
    void whatWasAddedIsNeverForgottenAgainInWhateverOrderItComes() {
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 20; round++) {
            ForgottenTimes some = new ForgottenTimes();
            TreeSet<Long> added = new TreeSet<>();
            for (int i = 0; i < 3_000; i++) {
                long time = random.nextLong(1L << (10 + 2 * round));
                some.add(time);
                added.add(time);
            }
            List<Range> ranges = some.ranges();
            assertThat(ranges.size()).isEqualTo(Math.min(added.size(), ForgottenTimes.MAX_RANGES));
            long before = -1;
            for (Range each : ranges) {
                assertThat(each.first()).isGreaterThan(before);
                assertThat(added).contains(each.first(), each.last());
                before = each.last();
            }
            assertThat(added).allMatch(some::contains);
        }
    }

    @Test
    void rangeHasItsFirstTimeBeforeItsLast() {
        assertThatIllegalArgumentException().isThrownBy(() -> range(2, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> range(-1, 1));
        assertThat(range(1, 1).first()).isEqualTo(1);
    }
}
