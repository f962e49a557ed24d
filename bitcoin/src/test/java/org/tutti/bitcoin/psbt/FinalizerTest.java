package org.tutti.bitcoin.psbt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tutti.bitcoin.psbt.Psbts.ALICE;
import static org.tutti.bitcoin.psbt.Psbts.BOB;
import static org.tutti.bitcoin.psbt.Psbts.assertRefused;
import static org.tutti.bitcoin.psbt.Psbts.field;
import static org.tutti.bitcoin.psbt.Psbts.publicKey;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.interpreter.ScriptInterpreter;
import org.tutti.bitcoin.psbt.PsbtException.Code;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.musig.musig.PartialSignature;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.util.List;

/// From signatures to the transaction.
class FinalizerTest {
    private static final Psbt PSBT = Psbts.psbt(2, 2);

    private static Psbt named(SighashType type) {
        return PSBT.withInput(0, input -> input.withSighashType(type));
    }

    @ParameterizedTest
    @EnumSource
    void aSignatureOfTheTypeThatTheInputNamesIsTheWitness(SighashType type) throws Exception {
        Psbt psbt = named(type);
        Psbt signed =
                psbt.withTapKeySig(0, Psbts.signature(psbt, 0, type))
                        .withTapKeySig(1, Psbts.signature(psbt, 1, SighashType.DEFAULT));
        Psbt read = Psbt.parse(signed.serialize().toArray());
        Transaction transaction = read.finalizeAll().extract();
        List<Bytes> witness = transaction.inputs().getFirst().witness();
        assertThat(witness).hasSize(1);
        if (type == SighashType.DEFAULT) {
            assertThat(witness.getFirst().length()).isEqualTo(64);
        } else {
            assertThat(witness.getFirst().length()).isEqualTo(65);
            assertThat(witness.getFirst().get(64)).isEqualTo((byte) type.value());
        }
        assertThat(transaction.inputs().get(1).witness().getFirst().length()).isEqualTo(64);
        assertThat(transaction.txid()).isEqualTo(PSBT.unsignedTransaction().txid());
        assertThat(ScriptInterpreter.verifyAll(transaction, PSBT.prevouts())).isEmpty();
        assertThat(signed.asVersion0().finalizeAll().extract()).isEqualTo(transaction);
    }

    @Test
    void theSignatureMustHaveTheTypeThatTheInputNames() throws Exception {
        for (SighashType named : SighashType.values()) {
            for (SighashType used : SighashType.values()) {
                Psbt psbt = named(named);
                Psbt signed = psbt.withTapKeySig(0, Psbts.signature(psbt, 0, used));
                if (named == used) {
                    assertThat(signed.finalizeInput(0).inputs().getFirst().isFinal()).isTrue();
                } else {
                    assertRefused(Code.OTHER_SIGHASH_TYPE, () -> signed.finalizeInput(0));
                }
            }
        }
        Psbt unknown =
                PSBT.withInput(0, PSBT.inputs().getFirst().withField(field(3, "", "41000000")))
                        .withTapKeySig(0, Psbts.signature(PSBT, 0, SighashType.ALL));
        assertRefused(Code.BAD_SIGHASH_TYPE, () -> unknown.finalizeInput(0));
    }

    @Test
    void whereNoTypeIsNamedTheSignatureMustLeaveNothingOpen() throws Exception {
        for (SighashType used : SighashType.values()) {
            Psbt signed = PSBT.withTapKeySig(0, Psbts.signature(PSBT, 0, used));
            if (used == SighashType.DEFAULT || used == SighashType.ALL) {
                assertThat(signed.finalizeInput(0).inputs().getFirst().isFinal()).isTrue();
            } else {
                assertRefused(Code.OTHER_SIGHASH_TYPE, () -> signed.finalizeInput(0));
            }
        }
    }

    @Test
    void aSignatureThatIsNotTheOutputKeysIsNoWitness() throws Exception {
        byte[] sighash = PSBT.sighash(0).toArray();
        for (SchnorrSignature wrong :
                List.of(
                        Schnorr.sign(BOB, sighash, new byte[32]),
                        Schnorr.sign(ALICE, PSBT.sighash(1).toArray(), new byte[32]),
                        new SchnorrSignature(Bytes.wrap(new byte[64])))) {
            Psbt signed = PSBT.withTapKeySig(0, new TaprootSignature(wrong, SighashType.DEFAULT));
            assertRefused(Code.BAD_SIGNATURE, () -> signed.finalizeInput(0));
            assertRefused(Code.BAD_SIGNATURE, signed::finalizeAll);
        }
        // The right one, of the other type.
        SchnorrSignature asDefault = Schnorr.sign(ALICE, sighash, new byte[32]);
        assertRefused(
                Code.BAD_SIGNATURE,
                () ->
                        PSBT.withTapKeySig(0, new TaprootSignature(asDefault, SighashType.ALL))
                                .finalizeInput(0));
    }

    @Test
    void aLieAboutAnotherInputsAmountMakesTheSignatureWorthNothing() throws Exception {
        Psbt signed = PSBT.withTapKeySig(0, Psbts.signature(PSBT, 0, SighashType.DEFAULT));
        Psbt lie = signed.withInput(1, signed.inputs().get(1).withWitnessUtxo(Psbts.alices(1)));
        assertRefused(Code.BAD_SIGNATURE, () -> lie.finalizeInput(0));
    }

    @Test
    void anInputWithoutSignatureOrThatSpendsNoTaprootOutputIsNotFinal() throws Exception {
        assertRefused(Code.NOT_SIGNED, () -> PSBT.finalizeInput(0));
        Psbt one = PSBT.withTapKeySig(0, Psbts.signature(PSBT, 0, SighashType.DEFAULT));
        assertRefused(Code.NOT_SIGNED, one::finalizeAll);
        assertRefused(Code.NOT_FINAL, one::extract);
        assertRefused(Code.NOT_FINAL, one.finalizeInput(0)::extract);

        TxOut segwit = new TxOut(Sat.of(1), Script.p2wpkh(Bytes.wrap(new byte[20])));
        Psbt other = Psbt.of(Psbts.transaction(1, 1), List.of(segwit));
        Psbt signed = other.withTapKeySig(0, Psbts.signature(other, 0, SighashType.DEFAULT));
        assertRefused(Code.NOT_TAPROOT, () -> signed.finalizeInput(0));
    }

    @Test
    void anOutputKeyThatIsNoPointHasNoSignature() throws Exception {
        Bytes noPoint = Bytes.fromHex("00".repeat(31) + "05");
        Psbt psbt =
                Psbt.of(
                        Psbts.transaction(1, 1),
                        List.of(new TxOut(Sat.of(1), Script.p2tr(noPoint))));
        Psbt signed = psbt.withTapKeySig(0, Psbts.signature(psbt, 0, SighashType.DEFAULT));
        assertRefused(Code.BAD_SIGNATURE, () -> signed.finalizeInput(0));
    }

    @Test
    void aFinalInputKeepsWhatItSpendsAndWhatNobodyKnowsAndNothingElse() throws Exception {
        Psbt full =
                PSBT.withInput(0, PSBT.inputs().getFirst().withField(field(0x77, "aa", "bb")))
                        .withInput(
                                0,
                                input ->
                                        input.withTapInternalKey(ALICE.publicKey().xOnly())
                                                .withTapMerkleRoot(Bytes.fromHex("ab".repeat(32)))
                                                .withSighashType(SighashType.ALL)
                                                .withMusig2Participants(
                                                        publicKey(1), List.of(publicKey(1))));
        full = full.withInput(0, full.inputs().getFirst().withField(field(0xfc, "014100", "01")));
        full = full.withInput(0, full.inputs().getFirst().withField(field(0x12, "", "07000000")));
        full =
                full.withMusig2PartialSig(
                        0,
                        Musig2Key.keyPath(publicKey(1), publicKey(2)),
                        PartialSignature.parse(Bytes.fromHex("01".repeat(32))));
        Psbt signed = full.withTapKeySig(0, Psbts.signature(full, 0, SighashType.ALL));
        Psbt last = signed.finalizeInput(0);
        assertThat(last.inputs().getFirst().fields())
                .extracting(PsbtField::type)
                .containsExactly(0x01L, 0x08L, 0x0eL, 0x0fL, 0x10L, 0x12L, 0x77L, 0xfcL);
        assertThat(Psbt.parse(last.serialize().toArray())).isEqualTo(last);
        assertThat(last.unsignedTransaction()).isEqualTo(full.unsignedTransaction());
        assertThat(last.prevouts()).isEqualTo(full.prevouts());
        assertThat(last.inputs().get(1)).isEqualTo(full.inputs().get(1));
        assertThat(signed.asVersion0().finalizeInput(0).inputs().getFirst().fields())
                .extracting(PsbtField::type)
                .containsExactly(0x01L, 0x08L, 0x77L, 0xfcL);
    }

    @Test
    void anInputThatIsFinalStaysAsItIs() throws Exception {
        PsbtInput last =
                PSBT.inputs()
                        .getFirst()
                        .withField(field(0x08, "", "0101aa"))
                        .withField(field(0x07, "", "51"));
        Psbt psbt =
                PSBT.withInput(0, last)
                        .withTapKeySig(1, Psbts.signature(PSBT, 1, SighashType.DEFAULT));
        Psbt all = psbt.finalizeAll();
        assertThat(all.inputs().getFirst()).isEqualTo(last);
        Transaction extracted = all.extract();
        assertThat(extracted.inputs().getFirst().scriptSig()).isEqualTo(Script.fromHex("51"));
        assertThat(extracted.inputs().getFirst().witness()).containsExactly(Bytes.fromHex("aa"));
    }
}
