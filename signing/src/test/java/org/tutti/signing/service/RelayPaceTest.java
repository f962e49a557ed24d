package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.signing.request.SigningLimits;

class RelayPaceTest {
    private static final long SECOND = 1_000_000_000L;

    private final RelayPace pace = new RelayPace(7);

    @Test
    void whatFitsIsPassedOnAtOnceAndMoreAtItsRate() {
        assertThat(pace.count((int) RelayPace.AT_ONCE, 1, 7)).isZero();
        assertThat(pace.count((int) RelayPace.PER_SECOND, 1, 7)).isBetween(SECOND, SECOND + 1);
        // After that second nothing is owed, and nothing saved.
        assertThat(pace.count(1 << 20, 1, 7 + SECOND)).isBetween(SECOND / 2, SECOND / 2 + 1);
    }

    @Test
    void aFrameCountsOnceForEachReceiver() {
        assertThat(pace.count(1 << 20, 98, 7)).isEqualTo(48 * SECOND + 1);
    }

    @Test
    void aFrameForNobodyCountsToo() {
        assertThat(pace.count((int) RelayPace.AT_ONCE, 0, 7)).isZero();
        assertThat(pace.count(1, 0, 7)).isPositive();
    }

    @Test
    void smallFramesCountAsMore() {
        int most = (int) RelayPace.AT_ONCE / RelayPace.MIN_COST;
        assertThat(pace.count(1, most, 7)).isZero();
        assertThat(pace.count(1, 1, 7)).isPositive();
    }

    @Test
    void silenceSavesNoMoreThanTheBurst() {
        assertThat(pace.count((int) RelayPace.AT_ONCE, 1, 7)).isZero();
        assertThat(pace.count((int) RelayPace.AT_ONCE, 1, Long.MAX_VALUE)).isZero();
        assertThat(pace.count(1 << 20, 1, Long.MAX_VALUE)).isPositive();
    }

    @Test
    void oneMemberDoesNotFillWhatWaitsForAnother() {
        assertThat(RelayPace.AT_ONCE)
                .isLessThanOrEqualTo(SigningLimits.DEFAULT.queues().outboundBytesPerMember() / 2);
    }
}
