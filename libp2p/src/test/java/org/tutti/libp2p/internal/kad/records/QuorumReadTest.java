package org.tutti.libp2p.internal.kad.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tutti.libp2p.kad.record.RecordFixtures.ALICE;
import static org.tutti.libp2p.kad.record.RecordFixtures.MALLORY;
import static org.tutti.libp2p.kad.record.RecordFixtures.MILLIS;
import static org.tutti.libp2p.kad.record.RecordFixtures.keyOf;
import static org.tutti.libp2p.kad.record.RecordFixtures.record;
import static org.tutti.libp2p.kad.record.RecordFixtures.stranger;
import static org.tutti.libp2p.kad.record.RecordFixtures.text;
import static org.tutti.libp2p.kad.record.RecordFixtures.tombstone;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.kad.records.QuorumRead.Verdict;
import org.tutti.libp2p.kad.record.RecordFixtures;
import org.tutti.libp2p.kad.record.RecordValidators;
import org.tutti.libp2p.kad.record.SeenSequence;
import org.tutti.libp2p.kad.record.SignedRecord;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

class QuorumReadTest {
    private static final RecordValidators VALIDATORS =
            RecordValidators.of(RecordFixtures.VALIDATOR);
    private static final Bytes OLD = record(ALICE, MILLIS, Duration.ofDays(2), "old").seal(ALICE);
    private static final Bytes NEW = record(ALICE, MILLIS + 1, "new").seal(ALICE);
    private static final Bytes GONE = tombstone(ALICE, MILLIS + 2).seal(ALICE);
    private static final Bytes KEY = keyOf(ALICE);

    private final SeenSequences seen = new SeenSequences();

    private QuorumRead read(int quorum) {
        return new QuorumRead(KEY, VALIDATORS, quorum, seen);
    }

    private static Verdict answer(QuorumRead read, int peer, Bytes value) {
        return read.answer(stranger(peer), Optional.of(value), MILLIS);
    }

    @Test
    void itIsDoneWhenEnoughReplicasGaveAValidValue() {
        QuorumRead read = read(2);
        assertThat(read.answer(stranger(0), Optional.empty(), MILLIS)).isEqualTo(Verdict.MISSING);
        assertThat(answer(read, 1, text("x"))).isEqualTo(Verdict.INVALID);
        assertThat(answer(read, 2, OLD)).isEqualTo(Verdict.GOOD);
        assertThat(read.isDone()).isFalse();
        // The same replica once more proves nothing.
        assertThat(answer(read, 2, OLD)).isEqualTo(Verdict.IGNORED);
        assertThat(read.isDone()).isFalse();
        assertThat(answer(read, 3, NEW)).isEqualTo(Verdict.GOOD);
        assertThat(read.isDone()).isTrue();
        assertThat(read.best()).contains(NEW);
        assertThat(answer(read, 4, OLD)).isEqualTo(Verdict.STALE);
        assertThat(read.best()).contains(NEW);
        assertThat(read.finish(MILLIS)).contains(NEW);
    }

    @Test
    void whoHadAnOlderValueOrNoneIsToldOfTheBest() {
        QuorumRead read = read(10);
        answer(read, 1, OLD);
        answer(read, 2, OLD);
        answer(read, 3, NEW);
        answer(read, 4, OLD);
        answer(read, 5, NEW);
        read.answer(stranger(6), Optional.empty(), MILLIS);
        read.answer(stranger(7), Optional.empty(), MILLIS);
        answer(read, 8, text("x"));
        answer(read, 9, record(ALICE, MILLIS - 10, Duration.ofMillis(1), "x").seal(ALICE));
        assertThat(read.repairs(List.of(stranger(7), stranger(3))))
                .containsExactly(stranger(1), stranger(2), stranger(4), stranger(7), stranger(9));
        assertThat(read.repairs(List.of(stranger(8)))).contains(stranger(8));
    }

    @Test
    void withoutAValueNobodyIsToldAnything() {
        QuorumRead read = read(1);
        read.answer(stranger(1), Optional.empty(), MILLIS);
        answer(read, 2, text("x"));
        assertThat(read.finish(MILLIS)).isEmpty();
        assertThat(read.repairs(List.of(stranger(1), stranger(2)))).isEmpty();
    }

    @Test
    void aThousandAnswersAreEnough() {
        QuorumRead read = read(1);
        for (int i = 0; i < QuorumRead.MAX_ANSWERS; i++) {
            assertThat(read.isDone()).isFalse();
            read.answer(stranger(i), Optional.empty(), MILLIS);
        }
        assertThat(read.isDone()).isTrue();
        assertThat(answer(read, 9_999, NEW)).isEqualTo(Verdict.IGNORED);
        assertThatThrownBy(() -> read(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aTombstoneIsTheBestValueLikeAnyOther() {
        QuorumRead read = read(3);
        answer(read, 1, NEW);
        answer(read, 2, GONE);
        answer(read, 3, OLD);
        assertThat(read.best()).contains(GONE);
        assertThat(read.repairs(List.of())).containsExactly(stranger(1), stranger(3));
    }

    /// Mallory owns all 20 replicas of the key.
    @Test
    void whoOwnsEveryReplicaCannotForgeARecord() {
        QuorumRead read = read(1);
        Bytes[] forged = {
            record(MALLORY, MILLIS + 5, "mine").seal(MALLORY),
            tombstone(MALLORY, MILLIS + 5).seal(MALLORY),
            Bytes.EMPTY,
            text("Alice has no rooms"),
            OLD.slice(0, OLD.length() - 1)
        };
        for (int i = 0; i < 20; i++) {
            assertThat(answer(read, i, forged[i % forged.length])).isEqualTo(Verdict.INVALID);
        }
        assertThat(read.finish(MILLIS)).isEmpty();
    }

    /// They all say that there is nothing; one that is honest, found on another path, is enough.
    @Test
    void whoOwnsEveryReplicaCanHideARecordAndNotEmptyIt() {
        QuorumRead read = read(3);
        for (int i = 0; i < 20; i++) {
            read.answer(stranger(i), Optional.empty(), MILLIS);
        }
        assertThat(read.finish(MILLIS)).isEmpty();
        assertThat(seen.size()).isZero();
        answer(read, 21, NEW);
        assertThat(read.finish(MILLIS)).contains(NEW);
    }

    @Test
    void whoOwnsEveryReplicaRollsBackOnlyForAReaderThatNeverSawTheNewerOne() {
        QuorumRead first = read(1);
        answer(first, 0, NEW);
        first.finish(MILLIS);

        QuorumRead mallorys = read(1);
        for (int i = 0; i < 20; i++) {
            assertThat(answer(mallorys, i, OLD)).isEqualTo(Verdict.ROLLED_BACK);
        }
        assertThat(mallorys.finish(MILLIS)).isEmpty();
        // An honest one ends it, and the others are told.
        answer(mallorys, 21, NEW);
        assertThat(mallorys.best()).contains(NEW);
        assertThat(mallorys.repairs(List.of())).hasSize(20);

        QuorumRead stranger = new QuorumRead(KEY, VALIDATORS, 1, new SeenSequences());
        assertThat(answer(stranger, 0, OLD)).isEqualTo(Verdict.GOOD);
    }

    @Test
    void whoOwnsEveryReplicaRollsBackNoLongerThanTheRecordLives() {
        long expires = MILLIS + Duration.ofDays(2).toMillis();
        QuorumRead before = new QuorumRead(KEY, VALIDATORS, 1, new SeenSequences());
        assertThat(before.answer(stranger(0), Optional.of(OLD), expires - 1))
                .isEqualTo(Verdict.GOOD);
        QuorumRead after = new QuorumRead(KEY, VALIDATORS, 1, new SeenSequences());
        assertThat(after.answer(stranger(0), Optional.of(OLD), expires)).isEqualTo(Verdict.EXPIRED);
        assertThat(after.finish(expires)).isEmpty();
    }

    /// As long as an older record can be valid.
    @Test
    void aReaderThatSawATombstoneNeverSeesTheRecordAgain() {
        QuorumRead first = read(1);
        answer(first, 0, GONE);
        first.finish(MILLIS);
        for (long hour = 0; hour < 48; hour++) {
            long now = MILLIS + Duration.ofHours(hour).toMillis();
            QuorumRead later = read(1);
            later.answer(stranger(0), Optional.of(OLD), now);
            assertThat(later.finish(now)).isEmpty();
        }
    }

    @Test
    void whatReadersRememberIsBoundedAndForgotten() {
        SeenSequences few = new SeenSequences(3);
        PeerId[] peers = new PeerId[5];
        for (int i = 0; i < 5; i++) {
            peers[i] = stranger(i);
            few.saw(peers[i].multihash(), valid(MILLIS + i), MILLIS);
        }
        assertThat(few.size()).isEqualTo(3);
        assertThat(few.isRolledBack(peers[0].multihash(), valid(MILLIS - 1), MILLIS)).isFalse();
        assertThat(few.isRolledBack(peers[4].multihash(), valid(MILLIS), MILLIS)).isTrue();
        // An older one changes nothing, a newer one does.
        few.saw(peers[4].multihash(), valid(MILLIS), MILLIS);
        assertThat(few.isRolledBack(peers[4].multihash(), valid(MILLIS + 3), MILLIS)).isTrue();
        few.saw(peers[4].multihash(), valid(MILLIS + 9), MILLIS);
        assertThat(few.isRolledBack(peers[4].multihash(), valid(MILLIS + 8), MILLIS)).isTrue();
        assertThat(few.isRolledBack(peers[4].multihash(), valid(MILLIS + 9), MILLIS)).isFalse();
        assertThat(few.size()).isEqualTo(3);
        few.saw(peers[1].multihash(), valid(MILLIS), MILLIS + Duration.ofHours(49).toMillis());
        assertThat(few.size()).isEqualTo(1);
    }

    @Test
    void readersRememberWhatTheySawBeforeUnlessTheirClockWasFarAhead() {
        Bytes key = stranger(1).multihash();
        Bytes ahead = stranger(2).multihash();
        Bytes both = stranger(3).multihash();
        long future = MILLIS + Duration.ofDays(1_000).toMillis();
        SeenSequences before = new SeenSequences();
        before.saw(key, valid(MILLIS), MILLIS);
        before.saw(both, valid(MILLIS), MILLIS);
        before.saw(ahead, valid(future), MILLIS);
        SeenSequences again = new SeenSequences();
        again.saw(both, valid(MILLIS + 5), MILLIS);
        again.remember(before.all(MILLIS), MILLIS);
        assertThat(again.isRolledBack(key, valid(MILLIS - 1), MILLIS)).isTrue();
        assertThat(again.isRolledBack(key, valid(MILLIS), MILLIS)).isFalse();
        assertThat(again.isRolledBack(both, valid(MILLIS + 4), MILLIS)).isTrue();
        assertThat(again.isRolledBack(ahead, valid(MILLIS), MILLIS)).isFalse();
        assertThat(again.all(MILLIS)).hasSize(2);
        assertThat(again.all(MILLIS + Duration.ofHours(49).toMillis())).isEmpty();

        // A sequence that is as late as a valid one may be.
        long most = MILLIS + SignedRecord.MAX_CLOCK_SKEW.toMillis();
        SeenSequences third = new SeenSequences(1);
        third.remember(
                List.of(
                        new SeenSequence(
                                ahead, most, valid(most).rememberedUntil().toEpochMilli())),
                MILLIS);
        assertThat(third.isRolledBack(ahead, valid(most - 1), MILLIS)).isTrue();
        third.remember(before.all(MILLIS), MILLIS);
        assertThat(third.size()).isEqualTo(1);
    }

    private static org.tutti.libp2p.kad.record.ValidRecord valid(long sequence) {
        java.time.Instant made = java.time.Instant.ofEpochMilli(sequence);
        return new org.tutti.libp2p.kad.record.ValidRecord(
                made.plus(Duration.ofHours(1)),
                made.plus(Duration.ofDays(2)),
                Optional.empty(),
                java.util.OptionalLong.of(sequence));
    }
}
