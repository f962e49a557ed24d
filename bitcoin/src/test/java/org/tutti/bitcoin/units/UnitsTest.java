package org.tutti.bitcoin.units;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

import java.util.Collections;

class UnitsTest {
    @Test
    void moneyIsNeitherNegativeNorMoreThanThereIs() {
        assertThatIllegalArgumentException().isThrownBy(() -> Sat.of(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> Sat.of(Sat.MAX_VALUE + 1));
        assertThatIllegalArgumentException().isThrownBy(() -> Sat.MAX.plus(Sat.of(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> Sat.ZERO.minus(Sat.of(1)));
    }

    @Test
    void aSumThatWouldOverflowALongIsRefusedLongBefore() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sat.sum(Collections.nCopies(10_000, Sat.MAX)));
        assertThat(Sat.sum(Collections.nCopies(3, Sat.of(7)))).isEqualTo(Sat.of(21));
    }

    @Test
    void weightCountsWitnessBytesOnceAndAllOthersFourTimes() {
        assertThat(Weight.of(100, 160)).isEqualTo(new Weight(460));
        assertThat(new Weight(461).virtualBytes()).isEqualTo(116);
        assertThatIllegalArgumentException().isThrownBy(() -> new Weight(-1));
    }

    @Test
    void feesAreRoundedUp() {
        assertThat(FeeRate.satPerVirtualByte(2).feeFor(new Weight(401))).isEqualTo(Sat.of(202));
        assertThat(new FeeRate(1).feeFor(new Weight(4))).isEqualTo(Sat.of(1));
        assertThat(new FeeRate(0).feeFor(new Weight(4))).isEqualTo(Sat.ZERO);
        assertThatIllegalArgumentException().isThrownBy(() -> new FeeRate(FeeRate.MAX + 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new FeeRate(-1));
    }
}
