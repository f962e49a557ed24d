package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord.SeenHead;

class PeerHeadsTest {

    private final PeerHeads heads = new PeerHeads(3);
    private final JournalHead fork = new JournalHead(5, Bytes.fromHex("ff".repeat(32)));

    @Test
    void otherHashOfTheSameCountIsAContradiction() {
        assertThat(heads.observe(1, OneEngine.head(5))).isTrue();
        assertThat(heads.observe(1, fork)).isFalse();
        assertThat(heads.observe(1, OneEngine.head(5))).isTrue();
    }

    @Test
    void headFromBeforeARestartIsContradictedToo() {
        heads.restore(new SeenHead(1, OneEngine.head(5)));
        assertThat(heads.observe(1, fork)).isFalse();
    }

    @Test
    void highestHeadOfEachMemberIsKept() {
        heads.observe(1, OneEngine.head(5));
        heads.observe(1, OneEngine.head(3));
        heads.observe(2, OneEngine.head(7));
        heads.restore(new SeenHead(2, OneEngine.head(6)));
        assertThat(heads.counts()).containsExactly(0, 5, 7);
        assertThat(heads.all())
                .containsExactly(
                        new SeenHead(1, OneEngine.head(5)), new SeenHead(2, OneEngine.head(7)));
    }

    @Test
    void headsOfSignersThatDoNotExistAreIgnored() {
        heads.restore(new SeenHead(3, OneEngine.head(1)));
        heads.restore(new SeenHead(-1, OneEngine.head(1)));
        assertThat(heads.all()).isEmpty();
    }

    @Test
    void countsDoNotChangeAfterTheyWereTaken() {
        long[] before = heads.counts();
        heads.observe(1, OneEngine.head(5));
        assertThat(before).containsExactly(0, 0, 0);
    }
}
