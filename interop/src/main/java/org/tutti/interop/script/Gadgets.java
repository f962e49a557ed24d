package org.tutti.interop.script;

import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.interpreter.Opcode;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.interop.script.Argument.Writing;
import org.tutti.musig.keys.Ripemd160;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/// Short pieces of script that succeed and leave the stack as deep as they found it, so that they
/// can follow one another in any order. Together they run every opcode that can succeed.
final class Gadgets {
    private static final int[] HASHES = {
        Opcode.OP_RIPEMD160, Opcode.OP_SHA1, Opcode.OP_SHA256, Opcode.OP_HASH160, Opcode.OP_HASH256
    };
    private static final int[] UNARY = {
        Opcode.OP_1ADD,
        Opcode.OP_1SUB,
        Opcode.OP_NEGATE,
        Opcode.OP_ABS,
        Opcode.OP_NOT,
        Opcode.OP_0NOTEQUAL
    };
    private static final int[] BINARY = {
        Opcode.OP_ADD,
        Opcode.OP_SUB,
        Opcode.OP_BOOLAND,
        Opcode.OP_BOOLOR,
        Opcode.OP_NUMEQUAL,
        Opcode.OP_NUMEQUALVERIFY,
        Opcode.OP_NUMNOTEQUAL,
        Opcode.OP_LESSTHAN,
        Opcode.OP_GREATERTHAN,
        Opcode.OP_LESSTHANOREQUAL,
        Opcode.OP_GREATERTHANOREQUAL,
        Opcode.OP_MIN,
        Opcode.OP_MAX
    };
    private static final int[] NOPS = {
        Opcode.OP_NOP1,
        Opcode.OP_NOP4,
        Opcode.OP_NOP5,
        Opcode.OP_NOP6,
        Opcode.OP_NOP7,
        Opcode.OP_NOP8,
        Opcode.OP_NOP9,
        Opcode.OP_NOP10
    };

    private final Choices choices;
    private final Wrapper wrapper;
    private final Shape shape;
    private final boolean tidy;
    private final List<Key> keys;

    /// @param tidy only what nodes relay; otherwise what a block may have, too
    Gadgets(Choices choices, Wrapper wrapper, Shape shape, boolean tidy, List<Key> keys) {
        this.choices = choices;
        this.wrapper = wrapper;
        this.shape = shape;
        this.tidy = tidy;
        this.keys = keys;
    }

    /// Adds some gadgets and an end that is true.
    Program program(int most) {
        Program program = new Program();
        for (int i = choices.below(most + 1); i > 0; i--) {
            if (program.text().size() < wrapper.room()) {
                add(program);
            }
        }
        end(program);
        return program;
    }

    void end(Program program) {
        if (choices.percent(30)) {
            checkSig(program, Opcode.OP_CHECKSIG);
        } else {
            program.text().number(choices.of(1, 1, 2, 16, -1, 300));
        }
    }

    void add(Program program) {
        switch (choices.below(tidy ? 16 : 17)) {
            case 0, 1 -> push(program);
            case 2 -> unary(program);
            case 3, 4 -> binary(program);
            case 5 -> within(program);
            case 6, 7 -> stackOperation(program);
            case 8 -> hash(program);
            case 9 -> conditional(program, 0);
            case 10 -> altStack(program);
            case 11 -> checkSig(program, Opcode.OP_CHECKSIGVERIFY);
            case 12 -> multisig(program);
            case 13 -> lockTime(program);
            case 14 -> nops(program);
            case 16 -> anySignature(program);
            default -> comparison(program);
        }
    }

    /// Puts a value on top: by a push in the script, or from outside.
    private void value(Program program, byte[] bytes, boolean mayNeed) {
        if (mayNeed && choices.percent(30) && bytes.length <= 80) {
            program.need(bytes);
        } else {
            program.text().push(bytes);
        }
    }

    private void push(Program program) {
        for (int i = choices.between(2, 6); i > 0; i--) {
            push(program.text());
        }
        int number = choices.between(Opcode.OP_1, Opcode.OP_16);
        program.text().op(number, Opcode.OP_DROP);
        program.text().op(choices.of(Opcode.OP_0, Opcode.OP_1NEGATE), Opcode.OP_DROP);
    }

    private void push(ScriptText text) {
        int length = choices.percent(95) ? choices.between(6, 75) : choices.between(0, 520);
        if (wrapper == Wrapper.P2SH) {
            length = Math.min(length, 120);
        }
        byte[] data = choices.bytes(length);
        if (tidy || choices.percent(80)) {
            text.push(data);
        } else {
            int opcode = choices.of(Opcode.OP_PUSHDATA1, Opcode.OP_PUSHDATA2, Opcode.OP_PUSHDATA4);
            text.pushWith(length > 255 ? Opcode.OP_PUSHDATA2 : opcode, data);
        }
        text.op(Opcode.OP_DROP);
    }

    private void unary(Program program) {
        long a = choices.operand();
        int opcode = choices.of(UNARY);
        long result =
                switch (opcode) {
                    case Opcode.OP_1ADD -> a + 1;
                    case Opcode.OP_1SUB -> a - 1;
                    case Opcode.OP_NEGATE -> -a;
                    case Opcode.OP_ABS -> Math.abs(a);
                    case Opcode.OP_NOT -> a == 0 ? 1 : 0;
                    default -> a != 0 ? 1 : 0;
                };
        value(program, ScriptText.encode(a), true);
        program.text().op(opcode).number(result).op(Opcode.OP_EQUALVERIFY);
    }

    private void binary(Program program) {
        long a = choices.operand();
        long b = choices.percent(30) ? a : choices.operand();
        int opcode = choices.of(BINARY);
        if (opcode == Opcode.OP_NUMEQUALVERIFY) {
            value(program, ScriptText.encode(a), true);
            program.text().number(a).op(opcode);
            return;
        }
        long result =
                switch (opcode) {
                    case Opcode.OP_ADD -> a + b;
                    case Opcode.OP_SUB -> a - b;
                    case Opcode.OP_BOOLAND -> bit(a != 0 && b != 0);
                    case Opcode.OP_BOOLOR -> bit(a != 0 || b != 0);
                    case Opcode.OP_NUMEQUAL -> bit(a == b);
                    case Opcode.OP_NUMNOTEQUAL -> bit(a != b);
                    case Opcode.OP_LESSTHAN -> bit(a < b);
                    case Opcode.OP_GREATERTHAN -> bit(a > b);
                    case Opcode.OP_LESSTHANOREQUAL -> bit(a <= b);
                    case Opcode.OP_GREATERTHANOREQUAL -> bit(a >= b);
                    case Opcode.OP_MIN -> Math.min(a, b);
                    default -> Math.max(a, b);
                };
        value(program, ScriptText.encode(a), true);
        value(program, ScriptText.encode(b), false);
        program.text().op(opcode).number(result).op(Opcode.OP_EQUALVERIFY);
    }

    private static long bit(boolean value) {
        return value ? 1 : 0;
    }

    private void within(Program program) {
        long value = choices.operand();
        long least = choices.percent(50) ? value : choices.operand();
        long end = choices.percent(50) ? value : choices.operand();
        value(program, ScriptText.encode(value), true);
        program.text().number(least).number(end).op(Opcode.OP_WITHIN);
        program.text().number(bit(least <= value && value < end)).op(Opcode.OP_EQUALVERIFY);
    }

    private byte[] item() {
        return choices.percent(20)
                ? ScriptText.encode(choices.operand())
                : choices.bytes(choices.below(9));
    }

    /// Pushes what is expected and compares, from the top down.
    private void expect(Program program, byte[]... downwards) {
        for (byte[] item : downwards) {
            program.text().push(item).op(Opcode.OP_EQUALVERIFY);
        }
    }

    private void stackOperation(Program program) {
        byte[] a = item();
        byte[] b = item();
        byte[] c = item();
        ScriptText text = program.text();
        switch (choices.below(19)) {
            case 0 -> {
                text.push(a).push(b).op(Opcode.OP_2DROP);
            }
            case 1 -> {
                text.push(a).push(b).op(Opcode.OP_2DUP);
                expect(program, b, a, b, a);
            }
            case 2 -> {
                text.push(a).push(b).push(c).op(Opcode.OP_3DUP);
                expect(program, c, b, a, c, b, a);
            }
            case 3 -> {
                text.push(a).push(b).push(c).push(a).op(Opcode.OP_2OVER);
                expect(program, b, a, a, c, b, a);
            }
            case 4 -> {
                text.push(a).push(b).push(c).push(a).push(b).push(c).op(Opcode.OP_2ROT);
                expect(program, b, a, c, b, a, c);
            }
            case 5 -> {
                text.push(a).push(b).push(c).push(a).op(Opcode.OP_2SWAP);
                expect(program, b, a, a, c);
            }
            case 6 -> {
                text.push(a).op(Opcode.OP_IFDUP);
                expect(program, isTrue(a) ? new byte[][] {a, a} : new byte[][] {a});
            }
            case 7 -> {
                text.op(Opcode.OP_DEPTH, Opcode.OP_DEPTH, Opcode.OP_1SUB);
                text.op(Opcode.OP_EQUALVERIFY);
            }
            case 8 -> {
                text.push(a).op(Opcode.OP_DUP);
                expect(program, a, a);
            }
            case 9 -> {
                text.push(a).push(b).op(Opcode.OP_NIP);
                expect(program, b);
            }
            case 10 -> {
                text.push(a).push(b).op(Opcode.OP_OVER);
                expect(program, a, b, a);
            }
            case 11 -> {
                int place = choices.below(3);
                text.push(a).push(b).push(c).number(place).op(Opcode.OP_PICK);
                expect(program, place == 0 ? c : place == 1 ? b : a, c, b, a);
            }
            case 12 -> {
                int place = choices.below(3);
                text.push(a).push(b).push(c).number(place).op(Opcode.OP_ROLL);
                switch (place) {
                    case 0 -> expect(program, c, b, a);
                    case 1 -> expect(program, b, c, a);
                    default -> expect(program, a, c, b);
                }
            }
            case 13 -> {
                text.push(a).push(b).push(c).op(Opcode.OP_ROT);
                expect(program, a, c, b);
            }
            case 14 -> {
                text.push(a).push(b).op(Opcode.OP_SWAP);
                expect(program, a, b);
            }
            case 15 -> {
                text.push(a).push(b).op(Opcode.OP_TUCK);
                expect(program, b, a, b);
            }
            case 16 -> {
                byte[] longer = choices.bytes(choices.below(wrapper == Wrapper.P2SH ? 60 : 300));
                text.push(longer).op(Opcode.OP_SIZE);
                expect(program, ScriptText.encode(longer.length), longer);
            }
            case 17 -> {
                program.need(a);
                text.op(Opcode.OP_DROP);
            }
            default -> {
                text.push(a).push(a).op(Opcode.OP_EQUAL, Opcode.OP_VERIFY);
            }
        }
    }

    private static boolean isTrue(byte[] item) {
        for (int i = 0; i < item.length; i++) {
            if (item[i] != 0) {
                return i < item.length - 1 || item[i] != (byte) 0x80;
            }
        }
        return false;
    }

    private void hash(Program program) {
        byte[] data = choices.bytes(choices.below(70));
        int opcode = choices.of(HASHES);
        value(program, data, true);
        program.text().op(opcode).push(hash(opcode, data)).op(Opcode.OP_EQUALVERIFY);
    }

    static byte[] hash(int opcode, byte[] data) {
        return switch (opcode) {
            case Opcode.OP_RIPEMD160 -> Ripemd160.of(data);
            case Opcode.OP_SHA1 -> sha1(data);
            case Opcode.OP_SHA256 -> Sha256.single(data);
            case Opcode.OP_HASH160 -> Ripemd160.of(Sha256.single(data));
            default -> Sha256.twice(data);
        };
    }

    private static byte[] sha1(byte[] data) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(data);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    private void conditional(Program program, int depth) {
        ScriptText text = program.text();
        boolean condition = choices.percent(50);
        boolean not = choices.percent(50);
        value(program, condition(condition), true);
        text.op(not ? Opcode.OP_NOTIF : Opcode.OP_IF);
        boolean first = condition != not;
        branch(program, first, depth);
        for (int more = choices.below(tidy ? 2 : 3); more > 0; more--) {
            text.op(Opcode.OP_ELSE);
            first = !first;
            branch(program, first, depth);
        }
        text.op(Opcode.OP_ENDIF);
    }

    private byte[] condition(boolean value) {
        boolean any = !tidy && !wrapper.isTapscript() && choices.percent(40);
        if (value) {
            return any
                    ? choices.oneOf(new byte[] {2}, new byte[] {0, 1}, new byte[] {-1})
                    : new byte[] {1};
        }
        return any
                ? choices.oneOf(new byte[] {0}, new byte[] {(byte) 0x80}, new byte[] {0, 0})
                : new byte[0];
    }

    private void branch(Program program, boolean runs, int depth) {
        if (!runs) {
            dead(program);
        } else if (depth < 2 && choices.percent(40)) {
            conditional(program, depth + 1);
        } else if (choices.percent(50)) {
            unary(program);
        }
    }

    /// What may stand where nothing is run.
    private void dead(Program program) {
        ScriptText text = program.text();
        switch (choices.below(5)) {
            case 0 -> text.op(Opcode.OP_RETURN);
            case 1 -> text.op(Opcode.OP_IF, Opcode.OP_ELSE, Opcode.OP_ENDIF, Opcode.OP_NIP);
            case 2 -> text.push(choices.bytes(choices.below(40)));
            case 3 -> {
                if (!wrapper.isTapscript()) {
                    text.op(Opcode.OP_RESERVED, Opcode.OP_VER, 0xbb + choices.below(0x44));
                }
            }
            default -> text.op(Opcode.OP_CHECKSIG, Opcode.OP_CHECKMULTISIG);
        }
    }

    private void altStack(Program program) {
        byte[] a = item();
        byte[] b = item();
        ScriptText text = program.text();
        text.push(a).push(b).op(Opcode.OP_TOALTSTACK, Opcode.OP_TOALTSTACK);
        text.op(Opcode.OP_FROMALTSTACK, Opcode.OP_FROMALTSTACK);
        expect(program, b, a);
    }

    /// A hash type that is valid here.
    int hashType() {
        if (wrapper.isTapscript()) {
            int type = choices.of(0, 0, 1, 2, 3, 0x81, 0x82, 0x83);
            boolean hasOutput = shape.input() < shape.transaction().outputs().size();
            return (type & 3) == 3 && !hasOutput ? 0 : type;
        }
        return tidy || choices.percent(80)
                ? choices.of(1, 1, 2, 3, 0x81, 0x82, 0x83)
                : choices.below(256);
    }

    /// How a signature that is valid can be written.
    private Writing writing() {
        return tidy || wrapper.isTapscript() || choices.percent(80)
                ? Writing.PLAIN
                : Writing.HIGH_S;
    }

    Key key() {
        return choices.of(keys);
    }

    /// A key as scripts have it.
    byte[] written(Key key) {
        if (wrapper.isTapscript()) {
            return key.xOnly();
        }
        int kind = wrapper.isBeforeSegwit() || !tidy ? choices.below(10) : 9;
        return kind < 2
                ? key.uncompressed()
                : kind == 2 && !tidy ? key.hybrid() : key.compressed().toArray();
    }

    /// @param opcode OP_CHECKSIG, or OP_CHECKSIGVERIFY
    void checkSig(Program program, int opcode) {
        ScriptText text = program.text();
        if (choices.percent(10) && (!tidy || !wrapper.isBeforeSegwit())) {
            program.codeSeparator();
        }
        Key key = key();
        Argument signature = program.signature(key, hashType(), writing());
        byte[] publicKey = written(key);
        if (choices.percent(30)) {
            program.need(publicKey);
            program.need(signature);
            text.op(Opcode.OP_DUP, Opcode.OP_HASH160).push(hash(Opcode.OP_HASH160, publicKey));
            text.op(Opcode.OP_EQUALVERIFY);
        } else {
            // A key of an unknown kind takes any signature.
            boolean unknown = wrapper.isTapscript() && !tidy && choices.percent(15);
            program.need(signature);
            text.push(unknown ? choices.bytes(choices.of(1, 31, 33, 65)) : publicKey);
        }
        if (wrapper.isTapscript() && choices.percent(40)) {
            // OP_CHECKSIGADD wants a number between the two.
            text.number(7).op(Opcode.OP_SWAP, Opcode.OP_CHECKSIGADD).number(8);
            text.op(opcode == Opcode.OP_CHECKSIG ? Opcode.OP_NUMEQUAL : Opcode.OP_NUMEQUALVERIFY);
        } else {
            text.op(opcode);
        }
    }

    /// A signature that is valid or not, by rules that hold or not, of a key that may be none: the
    /// script goes on either way, unless it is a flag that stops it.
    private void anySignature(Program program) {
        ScriptText text = program.text();
        if (wrapper.isTapscript()) {
            text.op(Opcode.OP_0).push(choices.bytes(32)).op(Opcode.OP_CHECKSIG, Opcode.OP_DROP);
            return;
        }
        Key key = key();
        byte[] random = choices.bytes(choices.oneOf(33, 65));
        random[0] = (byte) choices.of(2, 3, 4, 6, 7);
        program.need(
                program.signature(
                        key,
                        choices.below(256),
                        choices.oneOf(
                                Writing.R_OUT_OF_RANGE,
                                Writing.R_OUT_OF_RANGE,
                                Writing.LONG_LENGTH,
                                Writing.PADDED,
                                Writing.NEGATIVE,
                                Writing.TRAILING,
                                Writing.TRUNCATED,
                                Writing.WRONG,
                                Writing.EMPTY)));
        text.push(choices.percent(25) ? random : written(key)).op(Opcode.OP_CHECKSIG);
        text.op(Opcode.OP_DROP);
    }

    private void multisig(Program program) {
        ScriptText text = program.text();
        if (wrapper.isTapscript()) {
            emptySignatures(program);
            return;
        }
        int keyCount = choices.percent(80) ? choices.between(0, 4) : choices.between(0, 20);
        keyCount = Math.min(keyCount, wrapper == Wrapper.P2SH ? 4 : 20);
        List<Key> all = new ArrayList<>();
        List<Key> signers = new ArrayList<>();
        for (int i = 0; i < keyCount; i++) {
            Key key = key();
            all.add(key);
            if (choices.percent(40)) {
                signers.add(key);
            }
        }
        byte[] dummy = tidy ? new byte[0] : choices.oneOf(new byte[0], new byte[0], item());
        // The last signature is the topmost one.
        for (Key signer : signers.reversed()) {
            program.need(program.signature(signer, hashType(), writing()));
        }
        program.need(dummy);
        text.number(signers.size());
        for (Key key : all) {
            text.push(written(key));
        }
        text.number(keyCount);
        if (choices.percent(50)) {
            text.op(Opcode.OP_CHECKMULTISIGVERIFY);
        } else {
            text.op(Opcode.OP_CHECKMULTISIG, Opcode.OP_VERIFY);
        }
    }

    /// Signatures without bytes are no error, and not counted.
    private void emptySignatures(Program program) {
        ScriptText text = program.text();
        text.number(0).push(key().xOnly()).op(Opcode.OP_CHECKSIG, Opcode.OP_NOT, Opcode.OP_VERIFY);
        text.number(0).number(3).push(key().xOnly()).op(Opcode.OP_CHECKSIGADD);
        text.number(3).op(Opcode.OP_NUMEQUALVERIFY);
    }

    private void lockTime(Program program) {
        ScriptText text = program.text();
        long lockTime = shape.transaction().lockTime().value();
        long sequence = shape.txIn().sequence().value();
        if (choices.percent(50) && sequence != 0xffff_ffffL) {
            boolean height = lockTime < LockTime.THRESHOLD;
            long least = height ? 0 : LockTime.THRESHOLD;
            long asked = choices.percent(50) ? lockTime : least;
            text.number(asked).op(Opcode.OP_CHECKLOCKTIMEVERIFY, Opcode.OP_DROP);
        }
        boolean counts =
                Integer.compareUnsigned(shape.transaction().version(), 2) >= 0
                        && (sequence & 1L << 31) == 0;
        if (counts) {
            long kind = sequence & 1L << 22;
            long asked = kind | choices.below((int) (sequence & 0xffff) + 1);
            text.number(asked | (choices.percent(20) ? 1L << 20 : 0));
            text.op(Opcode.OP_CHECKSEQUENCEVERIFY, Opcode.OP_DROP);
        } else {
            // With this bit nothing is asked for.
            text.number(1L << 31 | choices.below(1 << 23));
            text.op(Opcode.OP_CHECKSEQUENCEVERIFY, Opcode.OP_DROP);
        }
    }

    private void nops(Program program) {
        program.text().op(Opcode.OP_NOP);
        if (!tidy) {
            program.text().op(NOPS).op(choices.of(NOPS));
        }
        if (!tidy || !wrapper.isBeforeSegwit()) {
            program.codeSeparator();
        }
    }

    private void comparison(Program program) {
        byte[] a = item();
        value(program, a, true);
        program.text().push(a);
        if (choices.percent(50)) {
            program.text().op(Opcode.OP_EQUAL, Opcode.OP_VERIFY);
        } else {
            program.text().op(Opcode.OP_EQUALVERIFY);
        }
    }
}
