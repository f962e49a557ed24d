package org.tutti.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void aBurstIsThereAtOnceAndThenARate() {
        TokenBucket bucket = new TokenBucket(3, 2, 7);
        assertThat(bucket.take(7)).isTrue();
        assertThat(bucket.take(2, 7)).isTrue();
        assertThat(bucket.take(7)).isFalse();
        assertThat(bucket.take(7 + SECOND / 2 - 1)).isFalse();
        assertThat(bucket.take(7 + SECOND / 2)).isTrue();
        assertThat(bucket.take(7 + SECOND / 2)).isFalse();
    }

    @Test
    void whatCannotBePaidWholeIsNotPaidInPart() {
        TokenBucket bucket = new TokenBucket(3, 1, 0);
        assertThat(bucket.take(4, 0)).isFalse();
        assertThat(bucket.take(3, 0)).isTrue();
    }

    @Test
    void aLongSilenceFillsNoMoreThanTheCapacity() {
        TokenBucket bucket = new TokenBucket(1_000_000_000, 1_000_000_000, Long.MIN_VALUE / 2);
        assertThat(bucket.take(1_000_000_000, Long.MIN_VALUE / 2)).isTrue();
        assertThat(bucket.take(1_000_000_000, Long.MAX_VALUE / 2 - 1)).isTrue();
        assertThat(bucket.take(Long.MAX_VALUE / 2 - 1)).isFalse();
    }

    @Test
    void aClockThatGoesBackFillsNothing() {
        TokenBucket bucket = new TokenBucket(1, 1, SECOND);
        assertThat(bucket.take(SECOND)).isTrue();
        assertThat(bucket.take(0)).isFalse();
        assertThat(bucket.take(SECOND - 1)).isFalse();
    }

    @Test
    void aClockThatGoesBackTakesNothingAway() {
        TokenBucket bucket = new TokenBucket(1, 1, SECOND);
        assertThat(bucket.take(0)).isTrue();
    }

    @Test
    void boundsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> new TokenBucket(0, 1, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TokenBucket(1, 0, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TokenBucket(1_000_000_001, 1, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
