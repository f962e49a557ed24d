package org.tutti.interop.script;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.interpreter.Opcode;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.interop.script.Argument.Writing;
import org.tutti.interop.script.Draft.Spend;
import org.tutti.musig.taproot.TaprootOutput;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Spends without a script of their own: by one key, or of witness programs that nobody knows yet.
final class Special {
    private final Choices choices;
    private final List<Key> keys;

    Special(Choices choices, List<Key> keys) {
        this.choices = choices;
        this.keys = keys;
    }

    private Key key() {
        return choices.of(keys);
    }

    private Draft bare(Shape shape) {
        return new Draft(choices, Wrapper.BARE, new Program(), shape, key());
    }

    Spend keyHash(Shape shape, boolean wrapped, Writing writing) {
        Key key = key();
        byte[] hash = Gadgets.hash(Opcode.OP_HASH160, key.compressed().toArray());
        byte[] program = new ScriptText().op(Opcode.OP_0).pushBytes(hash).toBytes();
        Shape spending = shape.spending(wrapped ? Draft.scriptHash(program) : program);
        byte[] code = Script.p2pkh(Bytes.wrap(hash)).bytes().toArray();
        int type = choices.of(1, 1, 2, 3, 0x81, 0x82, 0x83);
        Argument.Signature wanted = new Argument.Signature(key, 0, -1, type, writing);
        byte[] signature = bare(shape).ecdsa(wanted, PlainSighash.witnessV0(spending, code, type));
        byte[] scriptSig = wrapped ? new ScriptText().pushBytes(program).toBytes() : new byte[0];
        List<byte[]> witness = List.of(signature, key.compressed().toArray());
        return new Spend(spending.with(scriptSig, witness), spending);
    }

    Spend taprootKey(Shape shape, Writing writing) {
        Key internal = key();
        Optional<Bytes> root =
                choices.percent(50) ? Optional.empty() : Optional.of(Bytes.wrap(choices.bytes(32)));
        TaprootOutput output = Draft.output(internal, root);
        Shape spending = shape.spending(output.scriptPubKey().toArray());
        Optional<Bytes> annex = choices.percent(30) ? Optional.of(annex()) : Optional.empty();
        TaprootSighash.Input sighash =
                TaprootSighash.of(spending.transaction(), spending.spent())
                        .input(spending.input(), annex);
        SighashType type = choices.oneOf(SighashType.values());
        SighashType possible = sighash.canSign(type) ? type : SighashType.DEFAULT;
        Argument.Signature wanted =
                new Argument.Signature(
                        internal.tweaked(output.tweak().toArray()),
                        0,
                        -1,
                        possible.value(),
                        writing);
        List<byte[]> witness = new ArrayList<>();
        witness.add(bare(shape).schnorr(wanted, sighash.keyPath(possible).toArray()));
        annex.ifPresent(a -> witness.add(a.toArray()));
        return new Spend(spending.with(new byte[0], witness), spending);
    }

    Bytes annex() {
        return Bytes.concat(
                Bytes.fromHex("50"),
                Bytes.wrap(choices.bytes(choices.below(choices.of(2, 30, 600)))));
    }

    /// A program of a version that has no meaning, or version 1 of another length, or wrapped.
    Spend unknownProgram(Shape shape, boolean native0) {
        boolean wrapped = !native0 && choices.percent(30);
        int version = choices.between(wrapped || choices.percent(20) ? 1 : 2, 16);
        int length = choices.of(2, 20, 31, 32, 33, 40, choices.between(2, 40));
        if (version == 1 && length == 32 && !wrapped) {
            length = 33;
        }
        byte[] program =
                new ScriptText()
                        .op(Opcode.OP_1 + version - 1)
                        .pushBytes(choices.bytes(length))
                        .toBytes();
        return program(shape, program, wrapped);
    }

    /// Pay-to-anchor.
    Spend anchor(Shape shape) {
        byte[] program = {0x51, 2, 0x4e, 0x73};
        return program(shape, program, choices.percent(30));
    }

    private Spend program(Shape shape, byte[] program, boolean wrapped) {
        List<byte[]> witness = new ArrayList<>();
        for (int i = choices.below(3); i > 0; i--) {
            witness.add(choices.bytes(choices.below(600)));
        }
        byte[] scriptSig = wrapped ? new ScriptText().pushBytes(program).toBytes() : new byte[0];
        return spend(shape, wrapped ? Draft.scriptHash(program) : program, scriptSig, witness);
    }

    /// Version 0 of a length that it must not have.
    Spend wrongLength(Shape shape) {
        int length = choices.of(2, 19, 21, 31, 33, 40);
        byte[] program =
                new ScriptText().op(Opcode.OP_0).pushBytes(choices.bytes(length)).toBytes();
        // Its script alone must be true, or it is not looked at as a program.
        program[2] |= 1;
        return program(shape, program, choices.percent(40));
    }

    /// A script in which a signature stands that it checks: that one does not sign itself.
    Spend ownSignature(Shape shape) {
        Key key = key();
        int type = choices.of(1, 2, 0x81);
        ScriptText rest = new ScriptText();
        rest.op(Opcode.OP_DROP).pushBytes(key.compressed().toArray());
        if (choices.percent(50)) {
            rest.op(Opcode.OP_CODESEPARATOR);
        }
        rest.op(Opcode.OP_CHECKSIG);
        byte[] code = rest.toBytes();
        boolean separated = (code[code.length - 2] & 0xff) == Opcode.OP_CODESEPARATOR;
        byte[] signed = separated ? new byte[] {(byte) Opcode.OP_CHECKSIG} : code;
        Argument.Signature wanted = new Argument.Signature(key, 0, -1, type, Writing.PLAIN);
        byte[] signature = bare(shape).ecdsa(wanted, PlainSighash.legacy(shape, signed, type));
        byte[] script = new ScriptText().pushBytes(signature).raw(code).toBytes();
        boolean wrapped = choices.percent(50);
        ScriptText scriptSig = new ScriptText().pushBytes(signature);
        if (wrapped) {
            scriptSig.pushBytes(script);
        }
        return spend(
                shape, wrapped ? Draft.scriptHash(script) : script, scriptSig.toBytes(), List.of());
    }

    /// P2WSH of these bytes.
    Spend witnessScript(Shape shape, byte[] script, List<byte[]> items) {
        List<byte[]> witness = new ArrayList<>(items);
        witness.add(script);
        byte[] program =
                new ScriptText().op(Opcode.OP_0).pushBytes(Sha256.single(script)).toBytes();
        return spend(shape, program, new byte[0], witness);
    }

    Spend spend(Shape shape, byte[] scriptPubKey, byte[] scriptSig, List<byte[]> witness) {
        Shape spending = shape.spending(scriptPubKey);
        return new Spend(spending.with(scriptSig, witness), spending);
    }

    /// The same spend with another scriptSig and witness.
    static Spend changed(Spend spend, byte[] scriptSig, List<byte[]> witness) {
        return new Spend(spend.shape().with(scriptSig, witness), spend.shape());
    }

    static TxIn input(Spend spend) {
        return spend.transaction().inputs().get(spend.shape().input());
    }

    /// The witness of a spend, to be changed.
    static List<byte[]> witness(Spend spend) {
        List<byte[]> items = new ArrayList<>();
        input(spend).witness().forEach(item -> items.add(item.toArray()));
        return items;
    }

    static byte[] scriptSig(Spend spend) {
        return input(spend).scriptSig().bytes().toArray();
    }
}
