package org.tutti.bitcoin.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;

class ScriptTest {
    private static final Bytes TWENTY = Bytes.fromHex("a1".repeat(20));
    private static final Bytes THIRTY_TWO = Bytes.fromHex("b2".repeat(32));

    @Test
    void theStandardFormsHaveTheBytesOfTheSpecification() {
        assertThat(Script.p2pkh(TWENTY)).hasToString("76a914" + TWENTY + "88ac");
        assertThat(Script.p2sh(TWENTY)).hasToString("a914" + TWENTY + "87");
        assertThat(Script.p2wpkh(TWENTY)).hasToString("0014" + TWENTY);
        assertThat(Script.p2wsh(THIRTY_TWO)).hasToString("0020" + THIRTY_TWO);
        assertThat(Script.p2tr(THIRTY_TWO)).hasToString("5120" + THIRTY_TWO);
        assertThat(Script.witnessProgram(16, Bytes.fromHex("0102"))).hasToString("60020102");
    }

    @Test
    void hashesAndProgramsOfAnotherLengthAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Script.p2pkh(THIRTY_TWO));
        assertThatIllegalArgumentException().isThrownBy(() -> Script.p2sh(THIRTY_TWO));
        assertThatIllegalArgumentException().isThrownBy(() -> Script.p2wpkh(THIRTY_TWO));
        assertThatIllegalArgumentException().isThrownBy(() -> Script.p2wsh(TWENTY));
        assertThatIllegalArgumentException().isThrownBy(() -> Script.p2tr(TWENTY));
        for (int length : new int[] {0, 1, 41}) {
            Bytes program = Bytes.wrap(new byte[length]);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Script.witnessProgram(1, program));
        }
        for (int version : new int[] {-1, 17}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Script.witnessProgram(version, TWENTY));
        }
    }

    @Test
    void eachFormIsToldFromTheOthers() {
        assertForm(Script.p2pkh(TWENTY), true, false, false, false);
        assertForm(Script.p2sh(TWENTY), false, true, false, false);
        assertForm(Script.p2wpkh(TWENTY), false, false, true, false);
        assertForm(Script.p2wsh(THIRTY_TWO), false, false, true, false);
        assertForm(Script.p2tr(THIRTY_TWO), false, false, true, true);
        assertForm(Script.EMPTY, false, false, false, false);
        // Almost one of the forms: another first or last opcode, another length.
        assertForm(Script.fromHex("77a914" + TWENTY + "88ac"), false, false, false, false);
        assertForm(Script.fromHex("76a914" + TWENTY + "88ad"), false, false, false, false);
        assertForm(Script.fromHex("76a914" + TWENTY + "88"), false, false, false, false);
        assertForm(Script.fromHex("a914" + TWENTY + "88"), false, false, false, false);
        assertForm(Script.fromHex("5020" + THIRTY_TWO), false, false, false, false);
        assertForm(Script.fromHex("5120" + THIRTY_TWO + "00"), false, false, false, false);
        assertForm(Script.fromHex("5121" + THIRTY_TWO), false, false, false, false);
    }

    private static void assertForm(
            Script script, boolean p2pkh, boolean p2sh, boolean witness, boolean p2tr) {
        assertThat(script.isP2pkh()).isEqualTo(p2pkh);
        assertThat(script.isP2sh()).isEqualTo(p2sh);
        assertThat(script.isWitnessProgram()).isEqualTo(witness);
        assertThat(script.isP2tr()).isEqualTo(p2tr);
    }

    @Test
    void aWitnessProgramHasAVersionAndBytes() {
        for (int version = 0; version <= 16; version++) {
            Script script = Script.witnessProgram(version, THIRTY_TWO);
            assertThat(script.witnessVersion()).isEqualTo(version);
            assertThat(script.witnessProgram()).isEqualTo(THIRTY_TWO);
        }
        assertThatIllegalStateException().isThrownBy(() -> Script.p2pkh(TWENTY).witnessVersion());
        assertThatIllegalStateException().isThrownBy(Script.EMPTY::witnessProgram);
    }

    @Test
    void whatStartsWithOpReturnCanNeverBeSpent() {
        assertThat(Script.fromHex("6a").isUnspendable()).isTrue();
        assertThat(Script.fromHex("6a24aa21a9ed").isUnspendable()).isTrue();
        assertThat(Script.fromHex("516a").isUnspendable()).isFalse();
        assertThat(Script.EMPTY.isUnspendable()).isFalse();
    }

    @Test
    void scriptsAreComparedByContentAndCannotBeChanged() {
        byte[] bytes = {1, 2, 3};
        Script script = Script.of(Bytes.of(bytes));
        script.bytes().toArray()[0] = 9;
        assertThat(script)
                .isEqualTo(Script.fromHex("010203"))
                .hasSameHashCodeAs(Script.fromHex("010203"))
                .isNotEqualTo(Script.fromHex("010204"));
        assertThat(script.startsWith(Bytes.fromHex("0102"))).isTrue();
        assertThat(script.startsWith(Bytes.fromHex("01020304"))).isFalse();
        assertThat(script.slice(1, 3)).isEqualTo(Bytes.fromHex("0203"));
        assertThat(Script.fromHex("01")).isLessThan(script);
        assertThat(script).isLessThan(Script.fromHex("80"));
    }

    @Test
    void onTheWireALengthComesFirst() throws DecodeException {
        for (int length : new int[] {0, 1, 252, 253, 70_000}) {
            Script script = Script.of(Bytes.wrap(new byte[length]));
            WireWriter out = new WireWriter();
            script.write(out);
            byte[] bytes = out.toArray();
            assertThat(bytes).hasSize(script.size());
            WireReader in = new WireReader(bytes);
            assertThat(Script.read(in, "script")).isEqualTo(script);
            in.requireEnd();
        }
        assertThatThrownBy(() -> Script.read(new WireReader(new byte[] {3, 1, 2}), "scriptSig"))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("scriptSig");
    }
}
