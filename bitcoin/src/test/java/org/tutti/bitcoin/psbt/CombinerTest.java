package org.tutti.bitcoin.psbt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tutti.bitcoin.psbt.Psbts.ALICE;
import static org.tutti.bitcoin.psbt.Psbts.BOB;
import static org.tutti.bitcoin.psbt.Psbts.assertRefused;
import static org.tutti.bitcoin.psbt.Psbts.field;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.psbt.PsbtException.Code;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.SighashType;

import java.util.List;

/// What two PSBTs of one transaction become.
class CombinerTest {
    private static final Psbt PSBT = Psbts.psbt(2, 2);

    @Test
    void allThatBothKnowIsInTheResultInWhicheverOrderTheyAreCombined() throws Exception {
        Psbt one =
                PSBT.withInput(0, in -> in.withTapInternalKey(ALICE.publicKey().xOnly()))
                        .withOutput(0, PSBT.outputs().get(0).withField(field(0x79, "", "02")))
                        .withGlobalField(field(0x79, "", "01"))
                        .withInput(1, PSBT.inputs().get(1).withField(field(0x78, "aa", "03")));
        Psbt other =
                PSBT.withInput(0, in -> in.withSighashType(SighashType.ALL))
                        .withOutput(0, out -> out.withTapInternalKey(BOB.publicKey().xOnly()))
                        .withGlobalField(field(0xfc, "0141" + "00", "04"))
                        .withInput(1, PSBT.inputs().get(1).withField(field(0x78, "ab", "05")));
        Psbt both = one.combine(other);
        assertThat(both.inputs().getFirst().tapInternalKey()).contains(ALICE.publicKey().xOnly());
        assertThat(both.inputs().getFirst().sighashType()).isEqualTo(SighashType.ALL);
        assertThat(both.inputs().get(1).unknownFields())
                .containsExactly(field(0x78, "aa", "03"), field(0x78, "ab", "05"));
        assertThat(both.outputs().getFirst().tapInternalKey()).contains(BOB.publicKey().xOnly());
        assertThat(both.outputs().getFirst().unknownFields())
                .containsExactly(field(0x79, "", "02"));
        assertThat(both.unknownGlobalFields()).containsExactly(field(0x79, "", "01"));
        assertThat(both.proprietary()).hasSize(1);
        assertThat(other.combine(one)).isEqualTo(both);
        assertThat(both.combine(one)).isEqualTo(both);
        assertThat(Psbt.parse(both.serialize().toArray())).isEqualTo(both);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4})
    void twoValuesOfOneKeyAreAConflictWhateverTheKey(int map) throws Exception {
        Psbt one = Psbt.parse(Psbts.with(PSBT, map, field(0x77, "aa", "01")));
        Psbt other = Psbt.parse(Psbts.with(PSBT, map, field(0x77, "aa", "02")));
        assertRefused(Code.CONFLICT, () -> one.combine(other));
        assertThat(one.combine(one).fieldCount()).isEqualTo(one.fieldCount());
    }

    @Test
    void twoSequenceNumbersOfOneInputAreAConflict() throws Exception {
        Psbt later = Psbt.parse(Psbts.with(PSBT, 1, field(0x10, "", "01000000")));
        assertRefused(Code.CONFLICT, () -> PSBT.combine(later));
    }

    @Test
    void psbtsOfTwoTransactionsAreNotCombined() throws Exception {
        for (Psbt other :
                List.of(
                        Psbts.psbt(1, 2),
                        Psbts.psbt(2, 1),
                        Psbt.parse(Psbts.with(PSBT, 1, field(0x0f, "", "09000000"))),
                        Psbt.parse(Psbts.with(PSBT, 3, field(0x03, "", "0100000000000000"))),
                        Psbt.parse(Psbts.with(PSBT, 0, field(0x02, "", "01000000"))),
                        Psbt.parse(Psbts.with(PSBT, 0, field(0x03, "", "01000000"))))) {
            assertRefused(Code.OTHER_TRANSACTION, () -> PSBT.combine(other));
            assertRefused(
                    Code.OTHER_TRANSACTION, () -> PSBT.asVersion0().combine(other.asVersion0()));
        }
    }

    /// In version 0 the sequence numbers are part of the transaction.
    @Test
    void inVersion0TransactionsWithOtherSequenceNumbersAreOthers() throws Exception {
        Psbt later = Psbt.parse(Psbts.with(PSBT, 1, field(0x10, "", "01000000")));
        assertRefused(Code.OTHER_TRANSACTION, () -> PSBT.asVersion0().combine(later.asVersion0()));
    }

    @Test
    void ofTwoVersionsTheResultIsOfTheHigher() throws Exception {
        Psbt one = PSBT.withInput(0, in -> in.withTapInternalKey(ALICE.publicKey().xOnly()));
        Psbt other = PSBT.withInput(1, in -> in.withSighashType(SighashType.ALL));
        Psbt expected = one.combine(other);
        assertThat(one.combine(other.asVersion0())).isEqualTo(expected);
        assertThat(one.asVersion0().combine(other)).isEqualTo(expected);
        assertThat(one.asVersion0().combine(other.asVersion0()).version()).isZero();
    }

    /// What inputs require has become the transaction's lock time in version 0.
    @Test
    void aLockTimeThatWasDeterminedForVersion0IsNoConflict() throws Exception {
        Psbt waiting = Psbt.parse(Psbts.with(PSBT, 1, field(0x12, "", "09000000")));
        Psbt older =
                waiting.asVersion0()
                        .withInput(1, in -> in.withTapInternalKey(BOB.publicKey().xOnly()));
        Psbt both = waiting.combine(older);
        assertThat(both.lockTime()).isEqualTo(LockTime.of(9));
        assertThat(both.inputs().get(1).tapInternalKey()).isPresent();
        assertThat(both.globalFields()).isEqualTo(waiting.globalFields());
        assertThat(older.combine(waiting)).isEqualTo(both);
        assertRefused(Code.OTHER_TRANSACTION, () -> PSBT.combine(older));
    }

    @ParameterizedTest
    @CsvSource({
        "03,03,03",
        "03,02,02",
        "03,01,01",
        "03,00,00",
        "00,04,04",
        "07,03,07",
        "fb,09,09",
        "'',03,00",
        "'',04,04"
    })
    void whatOneNoLongerAllowsBothDoNot(String one, String other, String both) throws Exception {
        Psbt first = one.isEmpty() ? PSBT : Psbt.parse(Psbts.with(PSBT, 0, field(6, "", one)));
        Psbt second = Psbt.parse(Psbts.with(PSBT, 0, field(6, "", other)));
        assertThat(first.combine(second).globalFields()).contains(field(6, "", both));
        assertThat(second.combine(first)).isEqualTo(first.combine(second));
    }

    @Test
    void whereNeitherSaysWhatMayBeChangedTheResultDoesNot() throws Exception {
        assertThat(PSBT.combine(PSBT).globalFields()).isEqualTo(PSBT.globalFields());
    }

    @Test
    void theLockTimeOfBothIsThatOfEach() throws Exception {
        // One says what the first input requires, the other what the second does.
        Psbt one = Psbt.parse(Psbts.with(PSBT, 1, field(0x12, "", "09000000")));
        Psbt other = Psbt.parse(Psbts.with(PSBT, 2, field(0x12, "", "09000000")));
        assertThat(one.combine(other).lockTime()).isEqualTo(LockTime.of(9));
        // What the second requires is another lock time, but not with the first one's.
        Psbt higher = Psbt.parse(Psbts.with(PSBT, 2, field(0x12, "", "0a000000")));
        assertRefused(Code.OTHER_TRANSACTION, () -> one.combine(higher));
    }

    /// With a height from each, a height would be the lock time, where each by itself has a time.
    @Test
    void requirementsThatTogetherMakeAnotherLockTimeAreAConflict() throws Exception {
        PsbtField time = field(0x11, "", "0065cd1d");
        PsbtField height = field(0x12, "", "09000000");
        Psbt timed = Psbt.parse(Psbts.with(Psbt.parse(Psbts.with(PSBT, 1, time)), 2, time));
        Psbt one = Psbt.parse(Psbts.with(timed, 1, height));
        Psbt other = Psbt.parse(Psbts.with(timed, 2, height));
        assertThat(one.lockTime()).isEqualTo(other.lockTime());
        assertRefused(Code.CONFLICT, () -> one.combine(other));
        assertThat(one.combine(timed).lockTime()).isEqualTo(timed.lockTime());
    }

    @Test
    void aPrevoutThatOneKnowsIsTheOthersToo() throws Exception {
        for (Psbt whole : List.of(PSBT, PSBT.asVersion0())) {
            List<List<PsbtField>> maps = Psbts.maps(whole);
            maps.get(1).removeIf(field -> field.type() == 0x01);
            Psbt partly = Psbt.parse(Psbts.write(maps));
            assertThat(partly.inputsWithoutPrevout()).containsExactly(0);
            assertThat(partly.combine(whole).prevouts()).isEqualTo(PSBT.prevouts());
            assertThat(whole.combine(partly).prevouts()).isEqualTo(PSBT.prevouts());
        }
    }

    @Test
    void contradictingPrevoutsAreNotCombined() throws Exception {
        Psbt other = Psbt.parse(Psbts.with(PSBT, 1, Psbts.prevout(Psbts.alices(5))));
        assertRefused(Code.CONFLICT, () -> PSBT.combine(other));
    }

    @Test
    void theResultIsNoLargerThanWhatIsRead() throws Exception {
        Psbt one = Psbt.parse(Psbts.with(PSBT, 1, unknown(1, 600_000)));
        Psbt other = Psbt.parse(Psbts.with(PSBT, 1, unknown(2, 600_000)));
        assertRefused(Code.TOO_LARGE, () -> one.combine(other));
        Psbt smaller = Psbt.parse(Psbts.with(PSBT, 1, unknown(2, 400_000)));
        assertThat(one.combine(smaller).serialize().length()).isGreaterThan(1_000_000);
    }

    private static PsbtField unknown(int number, int bytes) {
        return new PsbtField(
                0x77, new WireWriter().u32(number).toBytes(), Bytes.wrap(new byte[bytes]));
    }

    @Test
    void theResultHasNoMoreFieldsThanWhatIsRead() throws Exception {
        Psbt one = withUnknowns(0, 20_000);
        Psbt other = withUnknowns(20_000, 20_000);
        assertRefused(Code.TOO_LARGE, () -> one.combine(other));
        assertThat(one.combine(withUnknowns(20_000, 10_000)).fieldCount()).isGreaterThan(30_000);
    }

    private static Psbt withUnknowns(int from, int count) throws PsbtException {
        List<List<PsbtField>> maps = Psbts.maps(PSBT);
        for (int i = from; i < from + count; i++) {
            maps.get(1).add(unknown(i, 0));
        }
        return Psbt.parse(Psbts.write(maps));
    }
}
