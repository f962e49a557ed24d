package org.tutti.bitcoin.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.tx.Sequence.RelativeLock;

import java.time.Duration;

class SequenceTest {
    @Test
    void whatDoesNotFit32BitsIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Sequence.of(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> Sequence.of(1L << 32));
        assertThatIllegalArgumentException().isThrownBy(() -> new Sequence(-1));
    }

    @Test
    void theConstantsAreWhatTheirValuesMean() {
        for (Sequence constant :
                new Sequence[] {
                    Sequence.FINAL, Sequence.LOCK_TIME, Sequence.REPLACEABLE, Sequence.ZERO
                }) {
            assertThat(Sequence.of(constant.value())).isSameAs(constant);
        }
        assertThat(Sequence.FINAL).hasToString("4294967295");
        assertThat(Sequence.FINAL.isFinal()).isTrue();
        assertThat(Sequence.LOCK_TIME.isFinal()).isFalse();
    }

    @Test
    void everythingBelowTheTwoHighestValuesSignalsReplacement() {
        assertThat(Sequence.FINAL.signalsReplacement()).isFalse();
        assertThat(Sequence.LOCK_TIME.signalsReplacement()).isFalse();
        assertThat(Sequence.REPLACEABLE.signalsReplacement()).isTrue();
        assertThat(Sequence.ZERO.signalsReplacement()).isTrue();
    }

    @Test
    void aRelativeLockCountsBlocksOrUnitsOf512Seconds() {
        assertThat(Sequence.of(144).relativeLock()).contains(new RelativeLock.Blocks(144));
        assertThat(Sequence.of(0xffff).relativeLock()).contains(new RelativeLock.Blocks(65_535));
        assertThat(Sequence.of(1 << 22 | 3).relativeLock())
                .contains(new RelativeLock.Time(Duration.ofSeconds(3 * 512)));
        // BIP68: only bit 22 and the lowest 16 bits count.
        assertThat(Sequence.of(0x3fbf_0005L).relativeLock()).contains(new RelativeLock.Blocks(5));
        assertThat(Sequence.ZERO.relativeLock()).contains(new RelativeLock.Blocks(0));
    }

    @Test
    void theHighestBitTurnsTheRelativeLockOff() {
        assertThat(Sequence.of(1L << 31).relativeLock()).isEmpty();
        assertThat(Sequence.of(1L << 31 | 144).relativeLock()).isEmpty();
        assertThat(Sequence.REPLACEABLE.relativeLock()).isEmpty();
        assertThat(Sequence.FINAL.relativeLock()).isEmpty();
    }
}
