package org.tutti.signing.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.pb.JournalHeadsPb;
import org.tutti.signing.pb.JournalTimesPb;
import org.tutti.signing.request.SessionId;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// The content of each kind of entry, as a later start finds it.
class JournalRecordTest {
    private static final SessionId SESSION = new SessionId(bytes(32, 1));

    private static Bytes bytes(int length, int value) {
        return Bytes.fromHex("%02x".formatted(value).repeat(length));
    }

    private static JournalRecord.Consent consent(
            int signer, int member, Optional<JournalHead> oldHead, List<Bytes> replaced) {
        return new JournalRecord.Consent(
                signer, member, bytes(16, 7), oldHead, true, replaced, bytes(64, 8));
    }

    /// One of each kind, no value of which is a default or equals another.
    private static final List<JournalRecord> ALL =
            List.of(
                    new JournalRecord.Ready(
                            SESSION,
                            3,
                            2,
                            bytes(5, 9),
                            new Hold(Set.of(bytes(36, 10), bytes(36, 11)), bytes(32, 12), true),
                            77),
                    new JournalRecord.Sign(
                            SESSION,
                            4,
                            List.of(bytes(32, 13), bytes(32, 14)),
                            List.of(bytes(3, 15), bytes(4, 16)),
                            List.of(bytes(66, 17)),
                            bytes(32, 18),
                            bytes(6, 19)),
                    new JournalRecord.Final(SESSION, List.of(bytes(64, 20), bytes(64, 21))),
                    new JournalRecord.Ended(SESSION, "NO_ANSWER"),
                    new JournalRecord.Settled(
                            SESSION,
                            5,
                            bytes(16, 22),
                            bytes(32, 23),
                            Instant.ofEpochMilli(1_234_567),
                            bytes(33, 33)),
                    new JournalRecord.ConflictAllowed(SESSION),
                    new JournalRecord.Started(bytes(16, 24)),
                    new JournalRecord.Refused(bytes(9, 25)),
                    new JournalRecord.Agreed(6, bytes(8, 26), bytes(64, 27)),
                    new JournalRecord.Heads(
                            9, bytes(64, 28), List.of(range(0, 88), range(90, 90)), 89),
                    new JournalRecord.SnapshotEnd(10),
                    new JournalRecord.Recovering(true),
                    consent(
                            1,
                            2,
                            Optional.of(new JournalHead(bytes(16, 29), 30, bytes(32, 31))),
                            List.of(bytes(16, 32), bytes(16, 33))),
                    new JournalRecord.HandedOver(11),
                    new JournalRecord.Recovered());

    private static ForgottenTimes.Range range(long first, long last) {
        return new ForgottenTimes.Range(first, last);
    }

    private static JournalRecord decoded(int type, Bytes payload) throws JournalException {
        // In the middle of other bytes, as in a file.
        byte[] all = Bytes.concat(bytes(3, 0xff), payload, bytes(2, 0xff)).toArray();
        return JournalRecord.decode(type, all, 3, payload.length());
    }

    @Test
    void everyKindIsReadAsItWasWrittenAndHasItsNumber() throws JournalException {
        for (int i = 0; i < ALL.size(); i++) {
            JournalRecord record = ALL.get(i);
            assertThat(record.type()).isEqualTo(i + 1);
            assertThat(decoded(i + 1, record.payload())).isEqualTo(record);
        }
    }

    @Test
    void recordsWithoutTheirOptionalPartsAreReadAsTheyWereWritten() throws JournalException {
        for (JournalRecord record :
                List.of(
                        new JournalRecord.Ready(SESSION, 1, 0, Bytes.EMPTY, Hold.NONE, 0),
                        new JournalRecord.Recovering(false),
                        consent(0, 0, Optional.empty(), List.of()))) {
            assertThat(decoded(record.type(), record.payload())).isEqualTo(record);
        }
    }

    @Test
    void allButTheEndOfASessionAndSnapshotsMustBeOnDiskBeforeAnythingLeaves() {
        assertThat(ALL)
                .filteredOn(record -> !record.mustForce())
                .extracting(record -> record.getClass().getSimpleName())
                .containsExactly("Final", "Ended", "Heads", "SnapshotEnd");
    }

    @Test
    void entryOfAnUnknownKindOrThatDoesNotDecodeIsCorrupt() {
        for (int type : new int[] {0, 16}) {
            assertThatThrownBy(() -> decoded(type, Bytes.EMPTY))
                    .hasMessageContaining("unknown type " + type)
                    .isInstanceOfSatisfying(
                            JournalException.class,
                            e -> assertThat(e.code()).isEqualTo(JournalException.Code.CORRUPT));
        }
        for (int type = 1; type <= ALL.size(); type++) {
            int kind = type;
            assertThatThrownBy(() -> decoded(kind, Bytes.fromHex("ff")))
                    .as("kind %d", kind)
                    .isInstanceOfSatisfying(
                            JournalException.class,
                            e -> assertThat(e.code()).isEqualTo(JournalException.Code.CORRUPT));
        }
    }

    @Test
    void headsOfASnapshotAreAtLeastOneAndNoMoreThanThereWereEntries() {
        int most = OwnHeads.MAX_KEPT;
        assertThat(new JournalRecord.Heads(1, bytes(32, 1), List.of(), 89).count()).isEqualTo(1);
        Bytes many = Bytes.wrap(new byte[32 * most]);
        assertThat(new JournalRecord.Heads(most, many, List.of(), 89).hashes())
                .hasSameClassAs(many);
        record Bad(long count, int length) {}
        for (Bad bad :
                List.of(
                        new Bad(1, 31),
                        new Bad(9, 33),
                        new Bad(0, 0),
                        new Bad(1, 0),
                        new Bad(1, 64),
                        new Bad(most + 1, 32 * (most + 1)))) {
            Bytes hashes = Bytes.wrap(new byte[bad.length]);
            assertThatIllegalArgumentException()
                    .as("%s", bad)
                    .isThrownBy(() -> new JournalRecord.Heads(bad.count, hashes, List.of(), 89));
        }
    }

    @Test
    void timesOfWhatWasForgottenAreBoundedAndRanges() throws JournalException {
        List<ForgottenTimes.Range> most =
                IntStream.range(0, ForgottenTimes.MAX_RANGES)
                        .mapToObj(i -> range(2L * i, 2L * i))
                        .toList();
        JournalRecord heads = new JournalRecord.Heads(1, bytes(32, 1), most, 0);
        assertThat(decoded(10, heads.payload())).isEqualTo(heads);
        List<ForgottenTimes.Range> more = new ArrayList<>(most);
        more.add(range(Long.MAX_VALUE, Long.MAX_VALUE));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JournalRecord.Heads(1, bytes(32, 1), more, 0));
        for (JournalTimesPb bad :
                List.of(
                        JournalTimesPb.newBuilder().setFirstMillis(9).setLastMillis(8).build(),
                        JournalTimesPb.newBuilder().setFirstMillis(-1).build())) {
            Bytes payload =
                    Bytes.wrap(
                            JournalHeadsPb.newBuilder()
                                    .setCount(1)
                                    .setHashes(ByteString.copyFrom(new byte[32]))
                                    .addForgotten(bad)
                                    .build()
                                    .toByteArray());
            assertThatThrownBy(() -> decoded(10, payload))
                    .isInstanceOfSatisfying(
                            JournalException.class,
                            e -> assertThat(e.code()).isEqualTo(JournalException.Code.CORRUPT));
        }
    }

    @Test
    void allTimesUntilOneAreForgottenWhereAnEarlierProgramSaidSo() throws JournalException {
        Bytes payload =
                Bytes.wrap(
                        JournalHeadsPb.newBuilder()
                                .setCount(1)
                                .setHashes(ByteString.copyFrom(new byte[32]))
                                .setForgottenUntilMillis(77)
                                .build()
                                .toByteArray());
        assertThat(decoded(10, payload))
                .isEqualTo(
                        new JournalRecord.Heads(
                                1, Bytes.wrap(new byte[32]), List.of(range(0, 77)), 0));
    }

    @Test
    void lastOfTheHeadsIsWhereTheChainGoesOn() {
        Bytes hashes = Bytes.concat(bytes(32, 1), bytes(32, 2), bytes(32, 3));
        assertThat(new JournalRecord.Heads(7, hashes, List.of(), 89).lastHash())
                .isEqualTo(bytes(32, 3));
    }

    @Test
    void signersAreIndicesAndReplacedJournalsAreBounded() {
        List<Bytes> most = Collections.nCopies(JournalRecord.Consent.MAX_REPLACED, bytes(16, 1));
        assertThat(consent(0, 0, Optional.empty(), most).replaced()).isEqualTo(most);
        List<Bytes> more =
                Collections.nCopies(JournalRecord.Consent.MAX_REPLACED + 1, bytes(16, 1));
        assertThat(new JournalRecord.Agreed(0, Bytes.EMPTY, Bytes.EMPTY).signer()).isZero();
        assertThat(new JournalRecord.HandedOver(0).signer()).isZero();
        List<Runnable> bad =
                List.of(
                        () -> consent(0, 0, Optional.empty(), more),
                        () -> consent(-1, 0, Optional.empty(), List.of()),
                        () -> consent(0, -1, Optional.empty(), List.of()),
                        () -> consent(0, 0, Optional.empty(), List.of(bytes(15, 1))),
                        () ->
                                new JournalRecord.Consent(
                                        0,
                                        0,
                                        bytes(17, 1),
                                        Optional.empty(),
                                        false,
                                        List.of(),
                                        bytes(64, 1)),
                        () ->
                                new JournalRecord.Consent(
                                        0,
                                        0,
                                        bytes(16, 1),
                                        Optional.empty(),
                                        false,
                                        List.of(),
                                        bytes(63, 1)),
                        () -> new JournalRecord.Agreed(-1, Bytes.EMPTY, Bytes.EMPTY),
                        () -> new JournalRecord.HandedOver(-1),
                        () -> new JournalHead(bytes(16, 1), -1, bytes(32, 1)),
                        () -> new JournalHead(bytes(15, 1), 0, bytes(32, 1)),
                        () -> new JournalHead(bytes(16, 1), 0, bytes(31, 1)),
                        () -> new JournalEntry(bytes(31, 1), new JournalRecord.Recovered()));
        for (int i = 0; i < bad.size(); i++) {
            Runnable one = bad.get(i);
            assertThatIllegalArgumentException().as("%d", i).isThrownBy(one::run);
        }
    }

    @Test
    void headInAMessageIsReadAsItWasWritten() {
        JournalHead head = new JournalHead(bytes(16, 1), 2, bytes(32, 3));
        assertThat(JournalHeadCodec.decode(JournalHeadCodec.encode(head))).isEqualTo(head);
    }
}
