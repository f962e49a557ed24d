package org.tutti.bitcoin.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class LockTimeTest {
    private static final long TIME = 1_700_000_000L;

    @Test
    void whatDoesNotFit32BitsIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> LockTime.of(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> LockTime.of(1L << 32));
        assertThat(LockTime.of(0xffff_ffffL)).hasToString("4294967295");
    }

    @Test
    void fromFiveHundredMillionOnItIsATime() {
        assertThat(LockTime.of(499_999_999).isHeight()).isTrue();
        assertThat(LockTime.of(499_999_999).isTime()).isFalse();
        assertThat(LockTime.of(500_000_000).isHeight()).isFalse();
        assertThat(LockTime.of(500_000_000).isTime()).isTrue();
    }

    @Test
    void aHeightIsReachedByTheBlockAfterIt() {
        assertThat(LockTime.of(100).isReached(100, TIME)).isFalse();
        assertThat(LockTime.of(100).isReached(101, 0)).isTrue();
    }

    @Test
    void aTimeIsReachedWhenTheMedianTimeIsLater() {
        assertThat(LockTime.of(TIME).isReached(900_000, TIME)).isFalse();
        assertThat(LockTime.of(TIME).isReached(1, TIME + 1)).isTrue();
    }

    @Test
    void noLockTimeIsReachedByEveryBlock() {
        assertThat(LockTime.of(0)).isSameAs(LockTime.NONE);
        assertThat(LockTime.NONE.isReached(1, 0)).isTrue();
    }
}
