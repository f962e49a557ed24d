package org.tutti.bitcoin.psbt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.Schnorr;

import java.util.ArrayList;
import java.util.List;

/// What tests of PSBTs share: alice's key and outputs, and PSBTs that pay from them.
final class Psbts {
    static final SecretKey ALICE = key(1);
    static final SecretKey BOB = key(2);

    private Psbts() {}

    static SecretKey key(int number) {
        byte[] bytes = new byte[32];
        bytes[31] = (byte) number;
        try {
            return SecretKey.of(bytes);
        } catch (KeyException e) {
            throw new IllegalStateException(e);
        }
    }

    static PublicKey publicKey(int number) {
        return key(number).publicKey();
    }

    /// An output of alice's whose output key is her key, without tweak.
    static TxOut alices(long satoshis) {
        return new TxOut(Sat.of(satoshis), Script.p2tr(ALICE.publicKey().xOnly().bytes()));
    }

    static OutPoint outPoint(int number) {
        return new OutPoint(Txid.hashOf(new byte[] {(byte) number}), number);
    }

    static List<TxOut> prevouts(int count) {
        List<TxOut> prevouts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            prevouts.add(alices(1000 + i));
        }
        return prevouts;
    }

    static Transaction transaction(int inputs, int outputs) {
        List<TxIn> ins = new ArrayList<>();
        for (int i = 0; i < inputs; i++) {
            ins.add(TxIn.unsigned(outPoint(i), Sequence.REPLACEABLE));
        }
        List<TxOut> outs = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            outs.add(new TxOut(Sat.of(400 + i), Script.p2wpkh(Bytes.wrap(new byte[20]))));
        }
        return new Transaction(2, ins, outs, LockTime.of(7));
    }

    /// Spends as many outputs of alice's.
    static Psbt psbt(int inputs, int outputs) {
        return Psbt.of(transaction(inputs, outputs), prevouts(inputs));
    }

    /// Alice's signature for one input.
    static TaprootSignature signature(Psbt psbt, int input, SighashType type) throws PsbtException {
        Bytes sighash = Psbt.sighash(psbt.taprootSighash(), input, type);
        return new TaprootSignature(Schnorr.sign(ALICE, sighash.toArray(), new byte[32]), type);
    }

    /// The fields of all maps: global, inputs, outputs.
    static List<List<PsbtField>> maps(Psbt psbt) {
        List<List<PsbtField>> maps = new ArrayList<>();
        maps.add(new ArrayList<>(psbt.globalFields()));
        psbt.inputs().forEach(input -> maps.add(new ArrayList<>(input.fields())));
        psbt.outputs().forEach(output -> maps.add(new ArrayList<>(output.fields())));
        return maps;
    }

    /// Writes maps as they are, whatever is in them.
    static byte[] write(List<List<PsbtField>> maps) {
        WireWriter out = new WireWriter().bytes(Bytes.fromHex("70736274ff"));
        for (List<PsbtField> map : maps) {
            map.forEach(field -> out.varBytes(field.key()).varBytes(field.value()));
            out.u8(0);
        }
        return out.toArray();
    }

    /// The PSBT with one more field in one map, or with that field in place of the one of the same
    /// key.
    ///
    /// @param map 0 is the global one, then come inputs, then outputs
    static byte[] with(Psbt psbt, int map, PsbtField field) {
        List<List<PsbtField>> maps = maps(psbt);
        maps.get(map).removeIf(each -> each.key().equals(field.key()));
        maps.get(map).add(field);
        return write(maps);
    }

    static PsbtField field(long type, String keyData, String value) {
        return new PsbtField(type, Bytes.fromHex(keyData), Bytes.fromHex(value));
    }

    static PsbtField prevout(TxOut output) {
        WireWriter out = new WireWriter();
        output.write(out);
        return new PsbtField(0x01, Bytes.EMPTY, out.toBytes());
    }

    static void assertRefused(PsbtException.Code code, ThrowingCallable action) {
        assertThatThrownBy(action)
                .isInstanceOfSatisfying(
                        PsbtException.class,
                        e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
    }

    /// Asks for everything that a PSBT can tell: what was read answers without a failure of ours.
    static void readAll(Psbt psbt) {
        psbt.globalFields();
        psbt.unknownGlobalFields();
        psbt.xpubs();
        psbt.proprietary();
        psbt.inputsModifiable();
        psbt.outputsModifiable();
        psbt.hasSighashSingle();
        psbt.inputs().forEach(Psbts::readAll);
        psbt.outputs().forEach(Psbts::readAll);
    }

    private static void readAll(PsbtInput input) {
        input.outPoint();
        input.sequence();
        input.requiredHeight();
        input.requiredTime();
        input.prevout();
        input.nonWitnessUtxo();
        input.witnessUtxo();
        input.sighashTypeNumber();
        input.partialSigs();
        input.redeemScript();
        input.witnessScript();
        input.bip32Derivations();
        input.finalScriptSig();
        input.finalWitness();
        input.tapKeySig();
        input.tapScriptSigs();
        input.tapLeafScripts();
        input.tapDerivations();
        input.tapInternalKey();
        input.tapMerkleRoot();
        input.musig2Participants();
        input.musig2PubNonces();
        input.musig2PartialSigs();
        input.proprietary();
        input.fields();
        input.unknownFields();
    }

    private static void readAll(PsbtOutput output) {
        output.output();
        output.redeemScript();
        output.witnessScript();
        output.bip32Derivations();
        output.tapInternalKey();
        output.tapTree().ifPresent(tree -> tree.tree().hash());
        output.tapDerivations();
        output.musig2Participants();
        output.proprietary();
        output.fields();
        output.unknownFields();
    }
}
