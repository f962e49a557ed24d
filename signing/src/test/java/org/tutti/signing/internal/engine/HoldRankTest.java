package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;

import java.util.List;

class HoldRankTest {
    private static HoldRank rank(boolean known, boolean penalized, String requester, String id) {
        return new HoldRank(known, penalized, Bytes.fromHex(requester), Bytes.fromHex(id));
    }

    /// Each comes before all that follow it.
    private static final List<HoldRank> ORDER =
            List.of(
                    rank(true, false, "01", "09"),
                    rank(true, false, "02", "01"),
                    rank(true, true, "01", "01"),
                    rank(false, false, "01", "01"),
                    rank(false, false, "01", "02"),
                    rank(false, false, "02", "00"),
                    rank(false, true, "00", "00"),
                    rank(false, true, "00", "01"),
                    rank(false, true, "01", "00"));

    @Test
    void knownPartialThenNoPenaltyThenRequesterThenSessionDecide() {
        for (int i = 0; i < ORDER.size(); i++) {
            for (int j = 0; j < ORDER.size(); j++) {
                assertThat(ORDER.get(i).isBefore(ORDER.get(j))).as("%d, %d", i, j).isEqualTo(i < j);
            }
        }
    }
}
