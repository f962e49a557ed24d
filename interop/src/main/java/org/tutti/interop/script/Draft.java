package org.tutti.interop.script;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.interpreter.Opcode;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.interop.script.Argument.Writing;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.schnorr.TaggedHash;
import org.tutti.musig.taproot.TapTweak;
import org.tutti.musig.taproot.TaprootOutput;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A spend before it is put together: the script, what stands around it, and what is done otherwise
/// than usual. Not for one that was used: each makes one spend.
final class Draft {
    /// An input and what it spends: all that an interpreter is asked about.
    record Spend(Transaction transaction, Shape shape) {}

    final Choices choices;
    final Wrapper wrapper;
    final Program program;
    Shape shape;

    /// The internal key of a Taproot output.
    final Key internal;

    /// With its 0x50.
    Optional<byte[]> annex = Optional.empty();

    int leafVersion = 0xc0;

    /// The sibling hashes on the way from the leaf to the root.
    List<byte[]> path = new ArrayList<>();

    /// P2SH: written before what is pushed usually.
    byte[] beforeScriptSig = new byte[0];

    /// Whether pushes in a scriptSig take the shortest form.
    boolean minimal = true;

    Draft(Choices choices, Wrapper wrapper, Program program, Shape shape, Key internal) {
        this.choices = choices;
        this.wrapper = wrapper;
        this.program = program;
        this.shape = shape;
        this.internal = internal;
    }

    Spend spend() {
        byte[] script = program.text().toBytes();
        return switch (wrapper) {
            case BARE -> beforeSegwit(script, script, false);
            case P2SH -> beforeSegwit(script, scriptHash(script), true);
            case P2WSH -> witnessV0(script, witnessProgram(script), new byte[0]);
            case P2SH_P2WSH -> {
                byte[] redeem = witnessProgram(script);
                byte[] scriptSig = new ScriptText().pushBytes(redeem).toBytes();
                yield witnessV0(script, scriptHash(redeem), scriptSig);
            }
            case TAPSCRIPT -> tapscript(script);
        };
    }

    static byte[] scriptHash(byte[] script) {
        return new ScriptText()
                .op(Opcode.OP_HASH160)
                .pushBytes(Gadgets.hash(Opcode.OP_HASH160, script))
                .op(Opcode.OP_EQUAL)
                .toBytes();
    }

    static byte[] witnessProgram(byte[] script) {
        return new ScriptText().op(Opcode.OP_0).pushBytes(Sha256.single(script)).toBytes();
    }

    private Spend beforeSegwit(byte[] script, byte[] scriptPubKey, boolean redeem) {
        Shape spending = shape.spending(scriptPubKey);
        ScriptText scriptSig = new ScriptText().raw(beforeScriptSig);
        for (Argument argument : program.stack()) {
            byte[] item = ecdsaItem(argument, spending, script, true);
            if (minimal) {
                scriptSig.push(item);
            } else {
                scriptSig.pushBytes(item);
            }
        }
        if (redeem) {
            scriptSig.pushBytes(script);
        }
        return new Spend(spending.with(scriptSig.toBytes(), List.of()), spending);
    }

    private Spend witnessV0(byte[] script, byte[] scriptPubKey, byte[] scriptSig) {
        Shape spending = shape.spending(scriptPubKey);
        List<byte[]> witness = new ArrayList<>();
        for (Argument argument : program.stack()) {
            witness.add(ecdsaItem(argument, spending, script, false));
        }
        witness.add(script);
        return new Spend(spending.with(scriptSig, witness), spending);
    }

    private Spend tapscript(byte[] script) {
        Bytes leafHash = leafHash(script);
        byte[] root = leafHash.toArray();
        for (byte[] node : path) {
            boolean first = Arrays.compareUnsigned(root, node) < 0;
            root = TaggedHash.of("TapBranch", first ? root : node, first ? node : root).toArray();
        }
        TaprootOutput output = output(internal, Optional.of(Bytes.wrap(root)));
        Shape spending = shape.spending(output.scriptPubKey().toArray());
        TaprootSighash.Input sighash =
                TaprootSighash.of(spending.transaction(), spending.spent())
                        .input(spending.input(), annex.map(Bytes::wrap));
        List<byte[]> witness = new ArrayList<>();
        for (Argument argument : program.stack()) {
            witness.add(schnorrItem(argument, sighash, leafHash));
        }
        witness.add(script);
        witness.add(controlBlock(output));
        annex.ifPresent(witness::add);
        return new Spend(spending.with(new byte[0], witness), spending);
    }

    private Bytes leafHash(byte[] script) {
        ByteArrayOutputStream leaf = new ByteArrayOutputStream();
        leaf.write(leafVersion);
        leaf.writeBytes(new WireWriter().compactSize(script.length).toArray());
        leaf.writeBytes(script);
        return TaggedHash.of("TapLeaf", leaf.toByteArray());
    }

    private byte[] controlBlock(TaprootOutput output) {
        ByteArrayOutputStream control = new ByteArrayOutputStream();
        control.write(leafVersion | (output.outputKeyHasOddY() ? 1 : 0));
        control.writeBytes(internal.xOnly());
        path.forEach(control::writeBytes);
        return control.toByteArray();
    }

    static TaprootOutput output(Key internal, Optional<Bytes> root) {
        try {
            return TapTweak.output(XOnlyPublicKey.parse(Bytes.wrap(internal.xOnly())), root);
        } catch (KeyException e) {
            throw new IllegalStateException("the key of a case is no key", e);
        }
    }

    private byte[] ecdsaItem(Argument argument, Shape spending, byte[] script, boolean legacy) {
        return switch (argument) {
            case Argument.Fixed fixed -> fixed.bytes().toArray();
            case Argument.Signature signature -> {
                byte[] code = Arrays.copyOfRange(script, signature.codeStart(), script.length);
                int type = signature.hashType();
                yield ecdsa(
                        signature,
                        legacy
                                ? PlainSighash.legacy(spending, code, type)
                                : PlainSighash.witnessV0(spending, code, type));
            }
        };
    }

    /// A signature with its hash type, written as it says.
    byte[] ecdsa(Argument.Signature signature, byte[] hash) {
        Writing writing = signature.writing();
        if (writing == Writing.EMPTY) {
            return new byte[0];
        }
        byte[] signed = writing == Writing.WRONG ? choices.bytes(32) : hash;
        Key.Ecdsa numbers = signature.key().sign(signed, choices.below(16));
        BigInteger r = numbers.r();
        BigInteger s = writing == Writing.HIGH_S ? Key.N.subtract(numbers.s()) : numbers.s();
        if (writing == Writing.R_OUT_OF_RANGE) {
            r =
                    choices.oneOf(
                            BigInteger.ZERO,
                            Key.N,
                            Key.N.add(BigInteger.TWO),
                            BigInteger.TWO.pow(256).subtract(BigInteger.ONE));
        }
        int type =
                writing == Writing.UNKNOWN_TYPE
                        ? choices.of(0, 4, 0x40, 0x80, 0xff)
                        : signature.hashType();
        return Der.write(r, s, writing, type);
    }

    private byte[] schnorrItem(Argument argument, TaprootSighash.Input sighash, Bytes leafHash) {
        return switch (argument) {
            case Argument.Fixed fixed -> fixed.bytes().toArray();
            case Argument.Signature signature -> {
                SighashType type = SighashType.of(signature.hashType()).orElse(SighashType.DEFAULT);
                long separator = signature.separator();
                Bytes hash =
                        sighash.scriptPath(
                                sighash.canSign(type) ? type : SighashType.DEFAULT,
                                leafHash,
                                separator < 0 ? TaprootSighash.NO_CODE_SEPARATOR : separator);
                yield schnorr(signature, hash.toArray());
            }
        };
    }

    /// A signature, with its hash type where that is not 0, written as it says.
    byte[] schnorr(Argument.Signature signature, byte[] hash) {
        byte[] signed = signature.writing() == Writing.WRONG ? choices.bytes(32) : hash;
        byte[] plain = signature.key().signSchnorr(signed, choices.below(16));
        int type = signature.hashType();
        return switch (signature.writing()) {
            case EMPTY -> new byte[0];
            case ZERO_TYPE -> Arrays.copyOf(plain, 65);
            case OTHER_SIZE -> Arrays.copyOf(plain, choices.of(1, 63, 66, 71));
            case UNKNOWN_TYPE -> typed(plain, choices.of(4, 0x80, 0x84, 0xff, 0x41));
            default -> type == 0 ? plain : typed(plain, type);
        };
    }

    private static byte[] typed(byte[] signature, int type) {
        byte[] longer = Arrays.copyOf(signature, 65);
        longer[64] = (byte) type;
        return longer;
    }
}
