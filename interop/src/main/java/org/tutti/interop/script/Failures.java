package org.tutti.interop.script;

import org.tutti.bitcoin.interpreter.Opcode;
import org.tutti.bitcoin.interpreter.ScriptError;
import org.tutti.bitcoin.interpreter.ScriptFlag;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.interop.script.Argument.Writing;
import org.tutti.interop.script.Draft.Spend;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// Spends that are meant to fail by one error each. Random spends hardly ever fail by most of them.
final class Failures {
    /// A spend, and the flags beside those of blocks without which it may be valid.
    record Failing(Spend spend, Set<ScriptFlag> flags) {}

    private static final int[] BEFORE_TAPSCRIPT_DISABLED = {
        Opcode.OP_CAT, Opcode.OP_SUBSTR, Opcode.OP_LEFT, Opcode.OP_RIGHT, Opcode.OP_INVERT,
        Opcode.OP_AND, Opcode.OP_OR, Opcode.OP_XOR, Opcode.OP_2MUL, Opcode.OP_2DIV,
        Opcode.OP_MUL, Opcode.OP_DIV, Opcode.OP_MOD, Opcode.OP_LSHIFT, Opcode.OP_RSHIFT
    };

    /// Opcodes that take something from the stack.
    private static final int[] HUNGRY = {
        Opcode.OP_IF,
        Opcode.OP_NOTIF,
        Opcode.OP_VERIFY,
        Opcode.OP_TOALTSTACK,
        Opcode.OP_2DROP,
        Opcode.OP_2DUP,
        Opcode.OP_3DUP,
        Opcode.OP_2OVER,
        Opcode.OP_2ROT,
        Opcode.OP_2SWAP,
        Opcode.OP_IFDUP,
        Opcode.OP_DROP,
        Opcode.OP_DUP,
        Opcode.OP_NIP,
        Opcode.OP_OVER,
        Opcode.OP_PICK,
        Opcode.OP_ROLL,
        Opcode.OP_ROT,
        Opcode.OP_SWAP,
        Opcode.OP_TUCK,
        Opcode.OP_SIZE,
        Opcode.OP_EQUAL,
        Opcode.OP_EQUALVERIFY,
        Opcode.OP_1ADD,
        Opcode.OP_NOT,
        Opcode.OP_ADD,
        Opcode.OP_NUMEQUALVERIFY,
        Opcode.OP_MAX,
        Opcode.OP_WITHIN,
        Opcode.OP_RIPEMD160,
        Opcode.OP_SHA1,
        Opcode.OP_SHA256,
        Opcode.OP_HASH160,
        Opcode.OP_HASH256,
        Opcode.OP_CHECKSIG,
        Opcode.OP_CHECKSIGVERIFY,
        Opcode.OP_CHECKLOCKTIMEVERIFY,
        Opcode.OP_CHECKSEQUENCEVERIFY
    };

    /// Opcodes that no script may have, but in a leaf most of them (BIP342).
    static final int[] SUCCESS = {
        Opcode.OP_RESERVED, Opcode.OP_VER, Opcode.OP_CAT, Opcode.OP_SUBSTR, Opcode.OP_LEFT,
        Opcode.OP_RIGHT, Opcode.OP_INVERT, Opcode.OP_AND, Opcode.OP_OR, Opcode.OP_XOR,
        Opcode.OP_RESERVED1, Opcode.OP_RESERVED2, Opcode.OP_2MUL, Opcode.OP_2DIV, Opcode.OP_MUL,
        Opcode.OP_DIV, Opcode.OP_MOD, Opcode.OP_LSHIFT, Opcode.OP_RSHIFT
    };

    private final Choices choices;
    private final List<Key> keys;
    private final Special special;

    Failures(Choices choices, List<Key> keys) {
        this.choices = choices;
        this.keys = keys;
        this.special = new Special(choices, keys);
    }

    private static Set<ScriptFlag> needs(ScriptFlag... flags) {
        Set<ScriptFlag> set = EnumSet.noneOf(ScriptFlag.class);
        Collections.addAll(set, flags);
        return set;
    }

    private static Failing failing(Spend spend, ScriptFlag... flags) {
        return new Failing(spend, needs(flags));
    }

    private static Failing failing(Draft draft, ScriptFlag... flags) {
        return failing(draft.spend(), flags);
    }

    private Wrapper any() {
        return choices.oneOf(Wrapper.values());
    }

    private Wrapper beforeTapscript() {
        return choices.oneOf(Wrapper.BARE, Wrapper.P2SH, Wrapper.P2WSH, Wrapper.P2SH_P2WSH);
    }

    private Wrapper beforeSegwit() {
        return choices.oneOf(Wrapper.BARE, Wrapper.P2SH);
    }

    private Wrapper witnessV0() {
        return choices.oneOf(Wrapper.P2WSH, Wrapper.P2SH_P2WSH);
    }

    private Gadgets gadgets(Wrapper wrapper, Shape shape) {
        return new Gadgets(choices, wrapper, shape, true, keys);
    }

    private Draft draft(Wrapper wrapper, Consumer<Program> code) {
        return draft(wrapper, Shape.any(choices), code);
    }

    /// Some gadgets, the code, and an end that is true.
    private Draft draft(Wrapper wrapper, Shape shape, Consumer<Program> code) {
        Program program = new Program();
        for (int i = choices.below(3); i > 0; i--) {
            gadgets(wrapper, shape).add(program);
        }
        code.accept(program);
        program.text().number(1);
        return new Draft(choices, wrapper, program, shape, choices.of(keys));
    }

    private Draft ops(Wrapper wrapper, int... opcodes) {
        return draft(wrapper, p -> p.text().op(opcodes));
    }

    private Key key() {
        return choices.of(keys);
    }

    /// A spend that should fail by this error.
    Failing of(ScriptError error) {
        return switch (error) {
            case EVAL_FALSE -> evalFalse();
            case OP_RETURN -> failing(ops(any(), Opcode.OP_RETURN));
            case SCRIPT_SIZE -> scriptSize();
            case PUSH_SIZE -> pushSize();
            case OP_COUNT -> operationCount();
            case STACK_SIZE -> stackSize();
            case SIG_COUNT -> failing(multisigCounts(choices.of(2, 3, -1), 1));
            case PUBKEY_COUNT -> failing(multisigCounts(0, choices.of(21, 300, -1)));
            case VERIFY -> failing(ops(any(), Opcode.OP_0, Opcode.OP_VERIFY));
            case EQUALVERIFY ->
                    failing(ops(any(), Opcode.OP_0, Opcode.OP_1, Opcode.OP_EQUALVERIFY));
            case CHECKMULTISIGVERIFY -> failing(failedMultisig(Opcode.OP_CHECKMULTISIGVERIFY));
            case CHECKSIGVERIFY -> failing(noSignature());
            case NUMEQUALVERIFY ->
                    failing(ops(any(), Opcode.OP_0, Opcode.OP_1, Opcode.OP_NUMEQUALVERIFY));
            case BAD_OPCODE -> badOpcode();
            case DISABLED_OPCODE ->
                    failing(ops(beforeTapscript(), choices.of(BEFORE_TAPSCRIPT_DISABLED)));
            case INVALID_STACK_OPERATION -> failing(ops(any(), choices.of(HUNGRY)));
            case INVALID_ALTSTACK_OPERATION -> failing(ops(any(), Opcode.OP_FROMALTSTACK));
            case UNBALANCED_CONDITIONAL -> unbalanced();
            case SCRIPTNUM ->
                    failing(draft(any(), p -> p.text().push(choices.bytes(5)).op(Opcode.OP_1ADD)));
            case NEGATIVE_LOCKTIME ->
                    failing(
                            draft(
                                    any(),
                                    p ->
                                            p.text()
                                                    .number(-choices.between(1, 99))
                                                    .op(lockOpcode())));
            case UNSATISFIED_LOCKTIME -> unsatisfied();
            case SIG_HASHTYPE -> failing(signed(Writing.UNKNOWN_TYPE), ScriptFlag.STRICTENC);
            case SIG_DER ->
                    failing(
                            signed(
                                    choices.oneOf(
                                            Writing.LONG_LENGTH,
                                            Writing.PADDED,
                                            Writing.NEGATIVE,
                                            Writing.TRAILING,
                                            Writing.TRUNCATED)),
                            choices.oneOf(
                                    ScriptFlag.DERSIG, ScriptFlag.LOW_S, ScriptFlag.STRICTENC));
            case MINIMALDATA -> failing(longerPush(), ScriptFlag.MINIMALDATA);
            case SIG_PUSHONLY -> pushOnly();
            case SIG_HIGH_S -> failing(signed(Writing.HIGH_S), ScriptFlag.LOW_S);
            case SIG_NULLDUMMY -> failing(dummy(), ScriptFlag.NULLDUMMY);
            case PUBKEYTYPE ->
                    failing(signedBy(beforeTapscript(), key -> key.hybrid()), ScriptFlag.STRICTENC);
            case CLEANSTACK -> cleanStack();
            case MINIMALIF ->
                    failing(draft(witnessV0(), this::longCondition), ScriptFlag.MINIMALIF);
            case SIG_NULLFAIL -> nullFail();
            case DISCOURAGE_UPGRADABLE_NOPS ->
                    failing(
                            ops(any(), choices.of(Opcode.OP_NOP1, Opcode.OP_NOP4, Opcode.OP_NOP10)),
                            ScriptFlag.DISCOURAGE_UPGRADABLE_NOPS);
            case DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM ->
                    failing(
                            special.unknownProgram(Shape.any(choices), false),
                            ScriptFlag.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM);
            case DISCOURAGE_UPGRADABLE_TAPROOT_VERSION -> taprootVersion();
            case DISCOURAGE_OP_SUCCESS ->
                    failing(
                            ops(Wrapper.TAPSCRIPT, choices.of(SUCCESS)),
                            ScriptFlag.DISCOURAGE_OP_SUCCESS);
            case DISCOURAGE_UPGRADABLE_PUBKEYTYPE ->
                    failing(
                            ops(
                                    Wrapper.TAPSCRIPT,
                                    Opcode.OP_0,
                                    Opcode.OP_1,
                                    Opcode.OP_CHECKSIG,
                                    Opcode.OP_DROP),
                            ScriptFlag.DISCOURAGE_UPGRADABLE_PUBKEYTYPE);
            case WITNESS_PROGRAM_WRONG_LENGTH -> failing(special.wrongLength(Shape.any(choices)));
            case WITNESS_PROGRAM_WITNESS_EMPTY -> witnessEmpty();
            case WITNESS_PROGRAM_MISMATCH -> mismatch();
            case WITNESS_MALLEATED -> malleated();
            case WITNESS_MALLEATED_P2SH -> malleatedP2sh();
            case WITNESS_UNEXPECTED -> unexpectedWitness();
            case WITNESS_PUBKEYTYPE ->
                    failing(
                            signedBy(witnessV0(), key -> key.uncompressed()),
                            ScriptFlag.WITNESS_PUBKEYTYPE);
            case SCHNORR_SIG_SIZE -> failing(schnorr(Writing.OTHER_SIZE));
            case SCHNORR_SIG_HASHTYPE ->
                    failing(schnorr(choices.oneOf(Writing.ZERO_TYPE, Writing.UNKNOWN_TYPE)));
            case SCHNORR_SIG -> failing(schnorr(Writing.WRONG));
            case TAPROOT_WRONG_CONTROL_SIZE -> controlSize();
            case TAPSCRIPT_VALIDATION_WEIGHT -> failing(draft(Wrapper.TAPSCRIPT, this::manyChecks));
            case TAPSCRIPT_CHECKMULTISIG ->
                    failing(
                            ops(
                                    Wrapper.TAPSCRIPT,
                                    Opcode.OP_0,
                                    Opcode.OP_0,
                                    Opcode.OP_0,
                                    choices.of(
                                            Opcode.OP_CHECKMULTISIG,
                                            Opcode.OP_CHECKMULTISIGVERIFY)));
            case TAPSCRIPT_MINIMALIF -> failing(draft(Wrapper.TAPSCRIPT, this::longCondition));
            case TAPSCRIPT_EMPTY_PUBKEY ->
                    failing(
                            ops(
                                    Wrapper.TAPSCRIPT,
                                    choices.of(Opcode.OP_0, Opcode.OP_1),
                                    Opcode.OP_0,
                                    Opcode.OP_CHECKSIG));
            case OP_CODESEPARATOR ->
                    failing(
                            ops(beforeSegwit(), Opcode.OP_CODESEPARATOR),
                            ScriptFlag.CONST_SCRIPTCODE);
            case SIG_FINDANDDELETE ->
                    failing(
                            choices.percent(50)
                                    ? noSignature(beforeSegwit()).spend()
                                    : special.ownSignature(Shape.any(choices)),
                            ScriptFlag.CONST_SCRIPTCODE);
        };
    }

    private Failing evalFalse() {
        Wrapper wrapper = any();
        Shape shape = Shape.any(choices);
        Program program = new Program();
        gadgets(wrapper, shape).add(program);
        program.text()
                .push(choices.oneOf(new byte[0], new byte[] {0}, new byte[] {0, (byte) 0x80}));
        return failing(new Draft(choices, wrapper, program, shape, key()));
    }

    private int lockOpcode() {
        return choices.of(Opcode.OP_CHECKLOCKTIMEVERIFY, Opcode.OP_CHECKSEQUENCEVERIFY);
    }

    private Failing scriptSize() {
        Wrapper wrapper = choices.oneOf(Wrapper.BARE, Wrapper.P2WSH, Wrapper.P2SH_P2WSH);
        return failing(
                draft(
                        wrapper,
                        p -> {
                            for (int i = 0; i < 20; i++) {
                                p.text().push(choices.bytes(520)).op(Opcode.OP_DROP);
                            }
                        }));
    }

    private Failing pushSize() {
        Wrapper wrapper =
                choices.oneOf(Wrapper.BARE, Wrapper.P2WSH, Wrapper.P2SH_P2WSH, Wrapper.TAPSCRIPT);
        byte[] item = choices.bytes(choices.of(521, 600));
        boolean given = wrapper != Wrapper.BARE && choices.percent(50);
        return failing(
                draft(
                        wrapper,
                        p -> {
                            if (given) {
                                p.need(item);
                            } else {
                                p.text().push(item);
                            }
                            p.text().op(Opcode.OP_DROP);
                        }));
    }

    private Failing operationCount() {
        boolean byKeys = choices.percent(30);
        return failing(
                draft(
                        beforeTapscript(),
                        p -> {
                            for (int i = byKeys ? 185 : 202; i > 0; i--) {
                                p.text().op(Opcode.OP_NOP);
                            }
                            p.text().op(Opcode.OP_0, Opcode.OP_0);
                            for (int i = 0; i < 20; i++) {
                                p.text().op(Opcode.OP_1);
                            }
                            p.text().number(20).op(Opcode.OP_CHECKMULTISIG);
                        }));
    }

    private Failing stackSize() {
        Wrapper wrapper =
                choices.oneOf(Wrapper.BARE, Wrapper.P2WSH, Wrapper.P2SH_P2WSH, Wrapper.TAPSCRIPT);
        boolean given = wrapper == Wrapper.TAPSCRIPT && choices.percent(30);
        return failing(
                draft(
                        wrapper,
                        p -> {
                            for (int i = 0; i < 1_001; i++) {
                                if (given) {
                                    p.need(new byte[0]);
                                } else {
                                    p.text().op(choices.of(Opcode.OP_0, Opcode.OP_1));
                                    if (i % 5 == 0 && i < 300) {
                                        p.text().op(Opcode.OP_TOALTSTACK, Opcode.OP_0);
                                    }
                                }
                            }
                        }));
    }

    private Draft multisigCounts(int signatures, int keyCount) {
        return draft(
                beforeTapscript(),
                p -> {
                    p.text().op(Opcode.OP_0, Opcode.OP_0, Opcode.OP_0, Opcode.OP_0);
                    p.text().number(signatures);
                    if (keyCount == 1) {
                        p.text().push(key().compressed().toArray());
                    }
                    p.text().number(keyCount).op(Opcode.OP_CHECKMULTISIG);
                });
    }

    private Draft failedMultisig(int opcode) {
        return draft(
                beforeTapscript(),
                p -> {
                    p.text().op(Opcode.OP_0, Opcode.OP_0, Opcode.OP_1);
                    p.text().push(key().compressed().toArray()).op(Opcode.OP_1, opcode);
                });
    }

    private Draft noSignature() {
        return noSignature(any());
    }

    /// Before segwit, the empty signature is found in the script itself too.
    private Draft noSignature(Wrapper wrapper) {
        byte[] key = wrapper.isTapscript() ? key().xOnly() : key().compressed().toArray();
        return draft(wrapper, p -> p.text().op(Opcode.OP_0).push(key).op(Opcode.OP_CHECKSIGVERIFY));
    }

    private Failing badOpcode() {
        if (choices.percent(40)) {
            int opcode = choices.of(Opcode.OP_VERIF, Opcode.OP_VERNOTIF);
            return choices.percent(50)
                    ? failing(ops(any(), opcode))
                    : failing(ops(any(), Opcode.OP_0, Opcode.OP_IF, opcode, Opcode.OP_ENDIF));
        }
        if (choices.percent(20)) {
            // A push of more than there is.
            return failing(draft(any(), p -> p.text().raw(new byte[] {0x4d, 9, 1})));
        }
        if (choices.percent(20)) {
            return failing(
                    ops(
                            beforeTapscript(),
                            Opcode.OP_0,
                            Opcode.OP_0,
                            Opcode.OP_0,
                            Opcode.OP_CHECKSIGADD));
        }
        return choices.percent(10)
                ? failing(ops(Wrapper.TAPSCRIPT, 255))
                : failing(
                        ops(
                                beforeTapscript(),
                                choices.of(
                                        Opcode.OP_RESERVED,
                                        Opcode.OP_VER,
                                        Opcode.OP_RESERVED1,
                                        Opcode.OP_RESERVED2,
                                        choices.between(0xbb, 0xff))));
    }

    private Failing unbalanced() {
        return switch (choices.below(3)) {
            case 0 -> failing(ops(any(), Opcode.OP_ENDIF));
            case 1 -> failing(ops(any(), Opcode.OP_ELSE));
            default -> failing(ops(any(), Opcode.OP_1, choices.of(Opcode.OP_IF, Opcode.OP_NOTIF)));
        };
    }

    private Failing unsatisfied() {
        Shape shape = Shape.any(choices);
        if (choices.percent(50)) {
            long lockTime = shape.transaction().lockTime().value();
            boolean height = lockTime < LockTime.THRESHOLD;
            long asked = choices.percent(50) ? lockTime + 1 : height ? LockTime.THRESHOLD : 1;
            return failing(
                    draft(
                            any(),
                            shape,
                            p -> p.text().number(asked).op(Opcode.OP_CHECKLOCKTIMEVERIFY)));
        }
        long sequence = shape.txIn().sequence().value();
        long kind = sequence & 1L << 22;
        long asked = choices.percent(50) ? kind ^ 1L << 22 : kind | (sequence & 0xffff) + 1;
        return failing(
                draft(any(), shape, p -> p.text().number(asked).op(Opcode.OP_CHECKSEQUENCEVERIFY)));
    }

    private Draft signed(Writing writing) {
        Wrapper wrapper = beforeTapscript();
        Shape shape = Shape.any(choices);
        return draft(
                wrapper,
                shape,
                p -> {
                    Key key = key();
                    p.need(p.signature(key, gadgets(wrapper, shape).hashType(), writing));
                    p.text().push(key.compressed().toArray()).op(Opcode.OP_CHECKSIGVERIFY);
                });
    }

    private interface KeyWriting {
        byte[] write(Key key);
    }

    private Draft signedBy(Wrapper wrapper, KeyWriting writing) {
        return draft(
                wrapper,
                p -> {
                    Key key = key();
                    p.need(p.signature(key, 1, Writing.PLAIN));
                    p.text().push(writing.write(key)).op(Opcode.OP_CHECKSIGVERIFY);
                });
    }

    private Draft longerPush() {
        return draft(
                any(),
                p -> {
                    ScriptText text = p.text();
                    switch (choices.below(4)) {
                        case 0 ->
                                text.pushWith(
                                        Opcode.OP_PUSHDATA1, choices.bytes(choices.below(76)));
                        case 1 -> text.pushWith(Opcode.OP_PUSHDATA2, choices.bytes(80));
                        case 2 -> text.pushWith(Opcode.OP_PUSHDATA4, choices.bytes(100));
                        default -> text.pushBytes(new byte[] {(byte) choices.of(1, 16, 0x81)});
                    }
                    text.op(Opcode.OP_DROP);
                });
    }

    private Failing pushOnly() {
        boolean p2sh = choices.percent(50);
        Draft draft = draft(p2sh ? Wrapper.P2SH : Wrapper.BARE, p -> {});
        draft.beforeScriptSig =
                choices.percent(50)
                        ? new byte[] {(byte) Opcode.OP_NOP}
                        : new byte[] {(byte) Opcode.OP_1, (byte) Opcode.OP_DROP};
        return p2sh && choices.percent(50)
                ? failing(draft)
                : failing(draft, ScriptFlag.SIGPUSHONLY);
    }

    private Draft dummy() {
        return draft(
                beforeTapscript(),
                p ->
                        p.text()
                                .push(choices.oneOf(new byte[] {0}, new byte[] {1}))
                                .op(
                                        Opcode.OP_0,
                                        Opcode.OP_0,
                                        Opcode.OP_CHECKMULTISIG,
                                        Opcode.OP_DROP));
    }

    private Failing cleanStack() {
        return failing(draft(any(), p -> p.text().number(choices.below(3))), ScriptFlag.CLEANSTACK);
    }

    private void longCondition(Program program) {
        byte[] condition =
                choices.oneOf(new byte[] {2}, new byte[] {0}, new byte[] {1, 0}, new byte[] {-1});
        program.need(condition);
        program.text().op(choices.of(Opcode.OP_IF, Opcode.OP_NOTIF), Opcode.OP_ENDIF);
    }

    private Failing nullFail() {
        boolean multi = choices.percent(40);
        return failing(
                draft(
                        beforeTapscript(),
                        p -> {
                            Key key = key();
                            p.need(p.signature(key, 1, Writing.WRONG));
                            if (multi) {
                                p.need(new byte[0]);
                                p.text().op(Opcode.OP_1).push(key.compressed().toArray());
                                p.text().op(Opcode.OP_1, Opcode.OP_CHECKMULTISIG, Opcode.OP_DROP);
                            } else {
                                p.text().push(key.compressed().toArray());
                                p.text().op(Opcode.OP_CHECKSIG, Opcode.OP_DROP);
                            }
                        }),
                ScriptFlag.NULLFAIL);
    }

    private Failing taprootVersion() {
        Draft draft = draft(Wrapper.TAPSCRIPT, p -> {});
        draft.leafVersion = choices.of(0xc2, 0xbe, 0x00, 0xfe, 0x50);
        return failing(draft, ScriptFlag.DISCOURAGE_UPGRADABLE_TAPROOT_VERSION);
    }

    private Failing witnessEmpty() {
        Spend spend =
                draft(choices.oneOf(Wrapper.P2WSH, Wrapper.P2SH_P2WSH, Wrapper.TAPSCRIPT), p -> {})
                        .spend();
        return failing(Special.changed(spend, Special.scriptSig(spend), List.of()));
    }

    private Failing mismatch() {
        Spend spend =
                choices.percent(30)
                        ? special.keyHash(Shape.any(choices), choices.percent(50), Writing.PLAIN)
                        : draft(
                                        choices.oneOf(
                                                Wrapper.P2WSH,
                                                Wrapper.P2SH_P2WSH,
                                                Wrapper.TAPSCRIPT),
                                        p -> {})
                                .spend();
        List<byte[]> witness = Special.witness(spend);
        boolean keyHash =
                witness.getLast().length == 33 && witness.size() == 2 && witness.getLast()[0] < 4;
        if (keyHash) {
            witness.addFirst(new byte[0]);
        } else {
            // The script of P2WSH; the control block of a leaf, but not its length.
            byte[] last = witness.getLast().clone();
            last[choices.below(last.length)] ^= (byte) (1 << choices.below(8));
            witness.set(witness.size() - 1, last);
        }
        return failing(Special.changed(spend, Special.scriptSig(spend), witness));
    }

    private Failing malleated() {
        Spend spend =
                switch (choices.below(4)) {
                    case 0 -> special.keyHash(Shape.any(choices), false, Writing.PLAIN);
                    case 1 -> special.taprootKey(Shape.any(choices), Writing.PLAIN);
                    case 2 -> special.unknownProgram(Shape.any(choices), true);
                    default ->
                            draft(choices.oneOf(Wrapper.P2WSH, Wrapper.TAPSCRIPT), p -> {}).spend();
                };
        byte[] scriptSig = choices.oneOf(new byte[] {0}, new byte[] {0x51}, new byte[] {0x61});
        return failing(Special.changed(spend, scriptSig, Special.witness(spend)));
    }

    private Failing malleatedP2sh() {
        Spend spend =
                choices.percent(50)
                        ? special.keyHash(Shape.any(choices), true, Writing.PLAIN)
                        : draft(Wrapper.P2SH_P2WSH, p -> {}).spend();
        byte[] scriptSig = Special.scriptSig(spend);
        byte[] redeem = Arrays.copyOfRange(scriptSig, 1, scriptSig.length);
        ScriptText changed = new ScriptText();
        if (choices.percent(50)) {
            changed.op(Opcode.OP_0).pushBytes(redeem);
        } else {
            changed.pushWith(choices.of(Opcode.OP_PUSHDATA1, Opcode.OP_PUSHDATA2), redeem);
        }
        return failing(Special.changed(spend, changed.toBytes(), Special.witness(spend)));
    }

    private Failing unexpectedWitness() {
        Spend spend = draft(beforeSegwit(), p -> {}).spend();
        List<byte[]> witness = List.of(choices.bytes(choices.below(4)));
        return failing(Special.changed(spend, Special.scriptSig(spend), witness));
    }

    private Spend schnorr(Writing writing) {
        if (choices.percent(50)) {
            return special.taprootKey(Shape.any(choices), writing);
        }
        return draft(
                        Wrapper.TAPSCRIPT,
                        p -> {
                            Key key = key();
                            p.need(p.signature(key, 0, writing));
                            byte[] publicKey =
                                    choices.percent(30) ? choices.bytes(32) : key.xOnly();
                            p.text().push(publicKey).op(Opcode.OP_CHECKSIGVERIFY);
                        })
                .spend();
    }

    private Failing controlSize() {
        Spend spend = draft(Wrapper.TAPSCRIPT, p -> {}).spend();
        List<byte[]> witness = Special.witness(spend);
        int length = choices.of(0, 1, 32, 34, 64, 33 + 129 * 32);
        byte[] control = Arrays.copyOf(witness.getLast(), length);
        witness.set(witness.size() - 1, control);
        if (length > 0 && control[0] == 0x50) {
            control[0] = (byte) 0xc0;
        }
        return failing(Special.changed(spend, new byte[0], witness));
    }

    private void manyChecks(Program program) {
        Key key = key();
        program.need(program.signature(key, 0, Writing.PLAIN));
        program.text().push(key.xOnly());
        for (int i = 0; i < 60; i++) {
            program.text().op(Opcode.OP_2DUP, Opcode.OP_CHECKSIGVERIFY);
        }
        program.text().op(Opcode.OP_2DROP);
    }
}
