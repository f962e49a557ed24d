package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord.SeenHead;

class PeerHeadsTest {
    private static final Bytes FIRST = Bytes.fromHex("01");
    private static final Bytes SECOND = Bytes.fromHex("02");

    private final PeerHeads heads = new PeerHeads(3);
    private final JournalHead fork = new JournalHead(5, Bytes.fromHex("ff".repeat(32)));

    @Test
    void otherHashOfTheSameCountIsAContradiction() {
        assertThat(heads.observe(1, OneEngine.head(5), FIRST)).isNull();
        assertThat(heads.observe(1, fork, SECOND)).isEqualTo(FIRST);
        assertThat(heads.observe(1, OneEngine.head(5), SECOND)).isNull();
    }

    @Test
    void contradictionOfAHeadFromBeforeARestartHasNoEnvelope() {
        heads.restore(new SeenHead(1, OneEngine.head(5)));
        assertThat(heads.observe(1, fork, SECOND)).isEqualTo(Bytes.EMPTY);
    }

    @Test
    void highestHeadOfEachMemberIsKept() {
        heads.observe(1, OneEngine.head(5), FIRST);
        heads.observe(1, OneEngine.head(3), SECOND);
        heads.observe(2, OneEngine.head(7), FIRST);
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
        heads.observe(1, OneEngine.head(5), FIRST);
        assertThat(before).containsExactly(0, 0, 0);
    }
}
