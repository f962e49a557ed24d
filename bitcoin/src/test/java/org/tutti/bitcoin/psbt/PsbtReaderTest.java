package org.tutti.bitcoin.psbt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tutti.bitcoin.psbt.Psbts.assertRefused;
import static org.tutti.bitcoin.psbt.Psbts.field;

import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.psbt.PsbtException.Code;

import java.util.Arrays;
import java.util.List;

/// What the reader makes of bytes that are no PSBT, and of more than it takes.
class PsbtReaderTest {
    private static final Psbt PSBT = Psbts.psbt(1, 2);
    private static final PsbtField UNKNOWN = field(0x77, "aa", "bbcc");

    @Test
    void aPsbtOfAsManyBytesAsAreAllowedIsReadAndALongerOneRefused() throws Exception {
        byte[] bytes = PSBT.serialize().toArray();
        assertThat(Psbt.parse(bytes, bytes.length)).isEqualTo(PSBT);
        assertRefused(Code.TOO_LARGE, () -> Psbt.parse(bytes, bytes.length - 1));
    }

    @Test
    void aPsbtOfMoreThanAMebibyteIsRefusedInBytesAndInBase64() throws Exception {
        int others = Psbts.with(PSBT, 1, unknownOf(70_000)).length - 70_000;
        Bytes most = Bytes.wrap(Psbts.with(PSBT, 1, unknownOf(Psbt.MAX_BYTES - others)));
        assertThat(most.length()).isEqualTo(Psbt.MAX_BYTES);
        Psbt read = Psbt.parse(most.toArray());
        assertThat(Psbt.parseBase64(read.toBase64())).isEqualTo(read);

        byte[] more = Psbts.with(PSBT, 1, unknownOf(Psbt.MAX_BYTES - others + 1));
        assertRefused(Code.TOO_LARGE, () -> Psbt.parse(more));
        assertRefused(Code.TOO_LARGE, () -> Psbt.parseBase64("!".repeat(1_398_105)));
        assertRefused(Code.BAD_BASE64, () -> Psbt.parseBase64("!".repeat(1_398_104)));
    }

    private static PsbtField unknownOf(int bytes) {
        return new PsbtField(0x77, Bytes.EMPTY, Bytes.wrap(new byte[bytes]));
    }

    @Test
    void asManyFieldsAsAreAllowedAreReadAndOneMoreIsRefused() throws Exception {
        List<List<PsbtField>> maps = Psbts.maps(PSBT);
        int before = maps.stream().mapToInt(List::size).sum();
        for (int i = before; i < Psbt.MAX_FIELDS; i++) {
            Bytes number = new WireWriter().u32(i).toBytes();
            maps.get(i % maps.size()).add(new PsbtField(0x77, number, Bytes.EMPTY));
        }
        Psbt read = Psbt.parse(Psbts.write(maps));
        assertThat(read.fieldCount()).isEqualTo(Psbt.MAX_FIELDS);
        maps.getLast().add(UNKNOWN);
        assertRefused(Code.TOO_LARGE, () -> Psbt.parse(Psbts.write(maps)));
    }

    @ParameterizedTest
    @CsvSource({"4,inputs", "5,outputs"})
    void aCountThatTheBytesCannotHoldIsRefusedBeforeAnyIsRead(int type, String what) {
        for (String count : List.of("19", "fe00000010", "ffffffffffffffff7f")) {
            byte[] bytes = Psbts.with(PSBT, 0, field(type, "", count));
            assertRefused(Code.TOO_LARGE, () -> Psbt.parse(bytes));
            assertThatMessageOf(bytes).contains(what + " cannot stand in");
        }
        assertRefused(
                Code.BAD_VALUE,
                () -> Psbt.parse(Psbts.with(PSBT, 0, field(type, "", "ff00000000000000ff"))));
    }

    @Test
    void aCountOfFewerMapsThanThereAreLeavesBytesOver() {
        assertRefused(
                Code.TRAILING_BYTES, () -> Psbt.parse(Psbts.with(PSBT, 0, field(0x05, "", "01"))));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aKeyTwiceInOneMapIsRefusedWhateverItIs(int map) {
        List<List<PsbtField>> maps = Psbts.maps(PSBT);
        maps.get(map).add(UNKNOWN);
        maps.get(map).add(new PsbtField(0x77, Bytes.fromHex("ab"), Bytes.EMPTY));
        assertThat(read(maps)).isNotNull();
        maps.get(map).add(UNKNOWN);
        assertRefused(Code.DUPLICATE_KEY, () -> Psbt.parse(Psbts.write(maps)));
        maps.get(map).removeLast();
        maps.get(map).add(maps.get(map).getFirst());
        assertRefused(Code.DUPLICATE_KEY, () -> Psbt.parse(Psbts.write(maps)));
    }

    private static Psbt read(List<List<PsbtField>> maps) {
        try {
            return Psbt.parse(Psbts.write(maps));
        } catch (PsbtException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theSameKeyInTwoMapsIsNotTwice() {
        List<List<PsbtField>> maps = Psbts.maps(PSBT);
        maps.forEach(map -> map.add(UNKNOWN));
        assertThat(Psbts.maps(read(maps))).isEqualTo(maps);
    }

    @Test
    void fieldsStayInTheOrderInWhichTheyCameKnownOrNot() {
        List<List<PsbtField>> maps = Psbts.maps(PSBT);
        for (List<PsbtField> map : maps) {
            map.addFirst(UNKNOWN);
            map.add(field(0xfc, "027474" + "05" + "99", "00"));
            map.add(field(0xfedc, "", "11"));
            map.add(field(1L << 40, "22", ""));
        }
        Psbt psbt = read(maps);
        assertThat(Psbts.maps(psbt)).isEqualTo(maps);
        assertThat(psbt.serialize()).isEqualTo(Bytes.wrap(Psbts.write(maps)));
        List<PsbtField> unknown =
                List.of(UNKNOWN, maps.getFirst().reversed().get(1), maps.getFirst().getLast());
        Proprietary ours = new Proprietary(Bytes.fromHex("7474"), 5, Bytes.fromHex("99"));
        assertThat(psbt.unknownGlobalFields()).isEqualTo(unknown);
        assertThat(psbt.proprietary()).containsOnlyKeys(ours);
        assertThat(psbt.inputs().getFirst().unknownFields()).isEqualTo(unknown);
        assertThat(psbt.inputs().getFirst().proprietary()).containsOnlyKeys(ours);
        assertThat(psbt.outputs().getLast().unknownFields()).isEqualTo(unknown);
        assertThat(psbt.outputs().getLast().proprietary()).containsOnlyKeys(ours);
    }

    @Test
    void aTypeInALongerFormThanItNeedsIsRefused() {
        WireWriter out = new WireWriter().bytes(Bytes.fromHex("70736274ff"));
        out.varBytes(Bytes.fromHex("fd7700")).varBytes(Bytes.EMPTY);
        Bytes rest = PSBT.serialize();
        assertRefused(
                Code.BAD_KEY, () -> Psbt.parse(out.bytes(rest.slice(5, rest.length())).toArray()));
    }

    @Test
    void aLengthInALongerFormThanItNeedsIsRefused() {
        Bytes rest = PSBT.serialize();
        byte[] bytes =
                new WireWriter()
                        .bytes(rest.slice(0, 5))
                        .bytes(Bytes.fromHex("0177" + "fd0100" + "aa"))
                        .bytes(rest.slice(5, rest.length()))
                        .toArray();
        assertRefused(Code.NON_MINIMAL_SIZE, () -> Psbt.parse(bytes));
    }

    @Test
    void noBeginningOfAPsbtIsOneAndNothingMayFollow() {
        byte[] bytes = PSBT.serialize().toArray();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> Psbt.parse(cut)).isInstanceOf(PsbtException.class);
        }
        assertRefused(
                Code.TRAILING_BYTES, () -> Psbt.parse(Arrays.copyOf(bytes, bytes.length + 1)));
        assertRefused(Code.BAD_MAGIC, () -> Psbt.parse(Arrays.copyOf(bytes, 4)));
        bytes[4] = 0;
        assertRefused(Code.BAD_MAGIC, () -> Psbt.parse(bytes));
    }

    @Test
    void base64IsTakenInOneFormAlone() throws Exception {
        String text = unpadded();
        assertThat(Psbt.parseBase64(text)).isNotNull();
        assertThat(text).endsWith("AAA=");
        for (String other :
                List.of(
                        text.replace("=", ""),
                        text + "\n",
                        " " + text,
                        text.substring(0, 8) + "\n" + text.substring(8),
                        text.replace("AAA=", "AAB="),
                        text.replace('/', '_'),
                        text + "====")) {
            assertRefused(Code.BAD_BASE64, () -> Psbt.parseBase64(other));
        }
    }

    /// In base64 with one character of padding.
    private static String unpadded() throws PsbtException {
        Psbt psbt = PSBT;
        for (int i = 0; ; i++) {
            psbt = PSBT.withGlobalField(field(0x77, "", "ff".repeat(i)));
            if (psbt.serialize().length() % 3 == 2) {
                return psbt.toBase64();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "01000000,UNKNOWN_VERSION",
        "03000000,UNKNOWN_VERSION",
        "02000080,UNKNOWN_VERSION",
        "00000000,FORBIDDEN_FIELD",
        "020000,BAD_VALUE",
        "0200000000,BAD_VALUE"
    })
    void aVersionThatIsNotKnownIsRefused(String version, Code code) {
        assertRefused(code, () -> Psbt.parse(Psbts.with(PSBT, 0, field(0xfb, "", version))));
    }

    @Test
    void anExceptionSaysInWhichMapWhichFieldIsWrong() {
        assertThatMessageOf(Psbts.with(PSBT, 1, field(0x18, "", "00")))
                .isEqualTo("input 0: PSBT_IN_TAP_MERKLE_ROOT: 1 bytes instead of 32");
        assertThatMessageOf(Psbts.with(PSBT, 3, field(0x05, "00", "00")))
                .isEqualTo("output 1: PSBT_OUT_TAP_INTERNAL_KEY: 1 bytes instead of 0");
    }

    private static AbstractStringAssert<?> assertThatMessageOf(byte[] bytes) {
        try {
            Psbt.parse(bytes);
        } catch (PsbtException e) {
            return assertThat(e.getMessage());
        }
        throw new AssertionError("read");
    }

    @Test
    void whatIsReadDoesNotChangeWithTheArrayThatItCameIn() throws Exception {
        byte[] bytes = PSBT.serialize().toArray();
        Psbt read = Psbt.parse(bytes);
        Arrays.fill(bytes, (byte) 0);
        assertThat(read).isEqualTo(PSBT);
        assertThatThrownBy(read.inputs()::clear).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(read.outputs()::clear).isInstanceOf(UnsupportedOperationException.class);
    }
}
