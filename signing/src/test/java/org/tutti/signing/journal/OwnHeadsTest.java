package org.tutti.signing.journal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;

import java.nio.ByteBuffer;

class OwnHeadsTest {
    private final OwnHeads heads = new OwnHeads(TestJournals.ID);

    private static JournalHead head(long count) {
        return TestJournals.head(count, Bytes.wrap(ByteBuffer.allocate(32).putLong(count).array()));
    }

    private static JournalHead other(long count) {
        return TestJournals.head(
                count, Bytes.wrap(ByteBuffer.allocate(32).put(31, (byte) 1).array()));
    }

    private void add(long from, long to) {
        for (long count = from; count <= to; count++) {
            heads.add(head(count));
        }
    }

    @Test
    void onlyHeadsThatTheJournalHadAreItsOwn() {
        add(1, 10);
        assertThat(heads.has(head(1))).isTrue();
        assertThat(heads.has(head(10))).isTrue();
        assertThat(heads.has(head(11))).as("the journal went back").isFalse();
        assertThat(heads.has(other(10))).as("it went back and grew again").isFalse();
        assertThat(heads.has(other(1))).isFalse();
    }

    @Test
    void anEmptyJournalHasNothing() {
        assertThat(heads.has(head(1))).isFalse();
        assertThat(heads.has(TestJournals.NO_ENTRY))
                .as("of nothing there is nothing to show")
                .isTrue();
    }

    @Test
    void numberOfHeadsIsBoundedAndTheLastOnesAreKept() {
        long last = 2L * OwnHeads.MAX_KEPT;
        add(1, last);
        assertThat(heads.has(other(last))).isFalse();
        assertThat(heads.has(head(last))).isTrue();
        assertThat(heads.has(head(last - OwnHeads.MAX_KEPT + 1))).isTrue();
        assertThat(heads.has(other(last - OwnHeads.MAX_KEPT + 1))).isFalse();
        assertThat(heads.has(other(1))).as("too old to be compared").isTrue();
    }
}
