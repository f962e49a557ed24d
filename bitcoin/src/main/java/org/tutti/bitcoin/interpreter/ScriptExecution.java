package org.tutti.bitcoin.interpreter;

import org.tutti.bitcoin.tx.Transaction;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/// Runs one script on a stack (Bitcoin Core `EvalScript`).
///
/// Each instruction takes a time that does not grow with the script or with what was run before:
/// the stack has at most 1,000 items of 520 bytes, a condition is one number at any depth, and
/// scripts before Taproot have at most 201 counted instructions. What takes long is a signature,
/// and those are limited: by that count, or in a leaf by the size of the witness.
///
/// Longer than others because the list of opcodes is. Not thread-safe: one object, one run.
final class ScriptExecution {
    /// The most bytes of one item.
    static final int MAX_ITEM_BYTES = 520;

    /// The most items of the stack and the other stack together.
    static final int MAX_STACK_ITEMS = 1_000;

    private static final int MAX_SCRIPT_BYTES = 10_000;
    private static final int MAX_OPERATIONS = 201;
    private static final int MAX_MULTISIG_KEYS = 20;

    /// What a script is run for: one input of a transaction.
    record Spender(Transaction transaction, int inputIndex) {}

    private final byte[] script;
    private final ScriptReader reader;
    private final SignatureVersion version;
    private final Rules rules;
    private final Spender spender;
    private final SignatureCheck signatures;
    private final IntConsumer trace;
    private final Stack stack;
    private final Stack alt = new Stack();
    private final ConditionStack conditions = new ConditionStack();
    private int operations;
    private long opcodePosition;

    /// @param stack is changed
    /// @param trace hears each opcode that is run, before it is
    ScriptExecution(
            byte[] script,
            Stack stack,
            SignatureVersion version,
            Rules rules,
            Spender spender,
            SignatureCheck signatures,
            IntConsumer trace) {
        this.script = script;
        this.reader = new ScriptReader(script);
        this.stack = stack;
        this.version = version;
        this.rules = rules;
        this.spender = spender;
        this.signatures = signatures;
        this.trace = trace;
    }

    /// Returns where the script ends without failing; what it says is on the stack then.
    void run() throws ScriptException {
        if (isBeforeTapscript() && script.length > MAX_SCRIPT_BYTES) {
            throw new ScriptException(ScriptError.SCRIPT_SIZE);
        }
        while (!reader.atEnd()) {
            step();
            if (stack.size() + alt.size() > MAX_STACK_ITEMS) {
                throw new ScriptException(ScriptError.STACK_SIZE);
            }
            opcodePosition++;
        }
        if (!conditions.isEmpty()) {
            throw new ScriptException(ScriptError.UNBALANCED_CONDITIONAL);
        }
    }

    private boolean isBeforeTapscript() {
        return version != SignatureVersion.TAPSCRIPT;
    }

    private void step() throws ScriptException {
        if (!reader.next()) {
            throw new ScriptException(ScriptError.BAD_OPCODE);
        }
        if (reader.dataLength() > MAX_ITEM_BYTES) {
            throw new ScriptException(ScriptError.PUSH_SIZE);
        }
        int opcode = reader.opcode();
        if (isBeforeTapscript() && opcode > Opcode.OP_16) {
            countOperations(1);
        }
        requireAllowedAnywhere(opcode);
        boolean running = conditions.allTrue();
        if (running || isConditional(opcode)) {
            trace.accept(opcode);
            if (opcode <= Opcode.OP_PUSHDATA4) {
                push(opcode);
            } else {
                run(opcode, running);
            }
        }
    }

    private void countOperations(int more) throws ScriptException {
        operations += more;
        if (operations > MAX_OPERATIONS) {
            throw new ScriptException(ScriptError.OP_COUNT);
        }
    }

    /// Opcodes that fail a script even where they are not run.
    private void requireAllowedAnywhere(int opcode) throws ScriptException {
        if (Opcode.isDisabled(opcode)) {
            throw new ScriptException(ScriptError.DISABLED_OPCODE);
        }
        if (opcode == Opcode.OP_CODESEPARATOR
                && version == SignatureVersion.BASE
                && rules.has(ScriptFlag.CONST_SCRIPTCODE)) {
            throw new ScriptException(ScriptError.OP_CODESEPARATOR);
        }
    }

    /// OP_IF to OP_ENDIF are looked at in branches that are not run too. OP_VERIF and OP_VERNOTIF
    /// lie between them, and therefore fail a script anywhere.
    private static boolean isConditional(int opcode) {
        return opcode >= Opcode.OP_IF && opcode <= Opcode.OP_ENDIF;
    }

    private void push(int opcode) throws ScriptException {
        byte[] data = reader.data();
        if (rules.minimal() && !isMinimalPush(data, opcode)) {
            throw new ScriptException(ScriptError.MINIMALDATA);
        }
        stack.push(data);
    }

    /// Bitcoin Core `CheckMinimalPush`.
    private static boolean isMinimalPush(byte[] data, int opcode) {
        if (data.length == 0) {
            return opcode == Opcode.OP_0;
        }
        if (data.length == 1 && ((data[0] >= 1 && data[0] <= 16) || data[0] == (byte) 0x81)) {
            // OP_1 to OP_16 and OP_1NEGATE push these.
            return false;
        }
        if (data.length < Opcode.OP_PUSHDATA1) {
            return opcode == data.length;
        }
        return opcode == (data.length <= 0xff ? Opcode.OP_PUSHDATA1 : Opcode.OP_PUSHDATA2);
    }

    private void run(int opcode, boolean running) throws ScriptException {
        switch (opcode) {
            case Opcode.OP_IF, Opcode.OP_NOTIF -> beginIf(opcode, running);
            case Opcode.OP_ELSE -> {
                requireInsideIf();
                conditions.toggleTop();
            }
            case Opcode.OP_ENDIF -> {
                requireInsideIf();
                conditions.pop();
            }
            case Opcode.OP_NOP -> {}
            case Opcode.OP_NOP1,
                    Opcode.OP_NOP4,
                    Opcode.OP_NOP5,
                    Opcode.OP_NOP6,
                    Opcode.OP_NOP7,
                    Opcode.OP_NOP8,
                    Opcode.OP_NOP9,
                    Opcode.OP_NOP10 ->
                    requireNopsAllowed();
            case Opcode.OP_CHECKLOCKTIMEVERIFY -> checkLockTime();
            case Opcode.OP_CHECKSEQUENCEVERIFY -> checkSequence();
            case Opcode.OP_VERIFY -> {
                stack.require(1);
                verifyTop(ScriptError.VERIFY);
            }
            case Opcode.OP_RETURN -> throw new ScriptException(ScriptError.OP_RETURN);
            case Opcode.OP_TOALTSTACK -> {
                stack.require(1);
                alt.push(stack.pop());
            }
            case Opcode.OP_FROMALTSTACK -> {
                if (alt.isEmpty()) {
                    throw new ScriptException(ScriptError.INVALID_ALTSTACK_OPERATION);
                }
                stack.push(alt.pop());
            }
            case Opcode.OP_EQUAL, Opcode.OP_EQUALVERIFY -> equal(opcode);
            case Opcode.OP_1ADD,
                    Opcode.OP_1SUB,
                    Opcode.OP_NEGATE,
                    Opcode.OP_ABS,
                    Opcode.OP_NOT,
                    Opcode.OP_0NOTEQUAL ->
                    unary(opcode);
            case Opcode.OP_ADD,
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
                    Opcode.OP_MAX ->
                    binary(opcode);
            case Opcode.OP_WITHIN -> within();
            case Opcode.OP_RIPEMD160,
                    Opcode.OP_SHA1,
                    Opcode.OP_SHA256,
                    Opcode.OP_HASH160,
                    Opcode.OP_HASH256 -> {
                stack.require(1);
                stack.push(ScriptHashes.hash(opcode, stack.pop()));
            }
            case Opcode.OP_CODESEPARATOR ->
                    signatures.separateCode(reader.position(), opcodePosition);
            case Opcode.OP_CHECKSIG, Opcode.OP_CHECKSIGVERIFY -> checkSig(opcode);
            case Opcode.OP_CHECKSIGADD -> checkSigAdd();
            case Opcode.OP_CHECKMULTISIG, Opcode.OP_CHECKMULTISIGVERIFY -> checkMultisig(opcode);
            default -> runOnStack(opcode);
        }
    }

    /// Opcodes that push a small number, or move and copy items.
    private void runOnStack(int opcode) throws ScriptException {
        if (opcode == Opcode.OP_1NEGATE || (opcode >= Opcode.OP_1 && opcode <= Opcode.OP_16)) {
            stack.push((long) opcode - Opcode.OP_1 + 1);
            return;
        }
        switch (opcode) {
            case Opcode.OP_2DROP -> {
                stack.require(2);
                stack.drop(2);
            }
            case Opcode.OP_2DUP -> copyUp(2, 2);
            case Opcode.OP_3DUP -> copyUp(3, 3);
            case Opcode.OP_2OVER -> copyUp(4, 2);
            case Opcode.OP_2ROT -> moveUpTwice(6);
            case Opcode.OP_2SWAP -> moveUpTwice(4);
            case Opcode.OP_IFDUP -> {
                stack.require(1);
                if (stack.isTopTrue()) {
                    stack.copyUp(1, 1);
                }
            }
            case Opcode.OP_DEPTH -> stack.push((long) stack.size());
            case Opcode.OP_DROP -> {
                stack.require(1);
                stack.pop();
            }
            case Opcode.OP_DUP -> copyUp(1, 1);
            case Opcode.OP_NIP -> {
                stack.require(2);
                byte[] top = stack.pop();
                stack.pop();
                stack.push(top);
            }
            case Opcode.OP_OVER -> copyUp(2, 1);
            case Opcode.OP_PICK, Opcode.OP_ROLL -> pickOrRoll(opcode);
            case Opcode.OP_ROT -> {
                stack.require(3);
                stack.moveUp(3);
            }
            case Opcode.OP_SWAP -> {
                stack.require(2);
                stack.moveUp(2);
            }
            case Opcode.OP_TUCK -> {
                stack.require(2);
                stack.insert(2, stack.peek(1));
            }
            case Opcode.OP_SIZE -> {
                stack.require(1);
                stack.push((long) stack.peek(1).length);
            }
            default -> throw new ScriptException(ScriptError.BAD_OPCODE);
        }
    }

    private void copyUp(int place, int count) throws ScriptException {
        stack.require(place);
        stack.copyUp(place, count);
    }

    /// Two items that lie together, the lower one at `place`.
    private void moveUpTwice(int place) throws ScriptException {
        stack.require(place);
        stack.moveUp(place);
        stack.moveUp(place);
    }

    private void pickOrRoll(int opcode) throws ScriptException {
        stack.require(2);
        long number = number(1);
        stack.pop();
        if (number < 0 || number >= stack.size()) {
            throw new ScriptException(ScriptError.INVALID_STACK_OPERATION);
        }
        int place = (int) number + 1;
        if (opcode == Opcode.OP_PICK) {
            stack.copyUp(place, 1);
        } else {
            stack.moveUp(place);
        }
    }

    private void beginIf(int opcode, boolean running) throws ScriptException {
        boolean condition = false;
        if (running) {
            stack.require(1);
            requireMinimalIf(stack.peek(1));
            condition = stack.isTopTrue() == (opcode == Opcode.OP_IF);
            stack.pop();
        }
        conditions.push(condition);
    }

    /// A rule of BIP342; before Taproot one of relaying, and there for witnesses alone.
    private void requireMinimalIf(byte[] value) throws ScriptException {
        if (value.length == 0 || (value.length == 1 && value[0] == 1)) {
            return;
        }
        if (version == SignatureVersion.TAPSCRIPT) {
            throw new ScriptException(ScriptError.TAPSCRIPT_MINIMALIF);
        }
        if (version == SignatureVersion.WITNESS_V0 && rules.has(ScriptFlag.MINIMALIF)) {
            throw new ScriptException(ScriptError.MINIMALIF);
        }
    }

    private void requireInsideIf() throws ScriptException {
        if (conditions.isEmpty()) {
            throw new ScriptException(ScriptError.UNBALANCED_CONDITIONAL);
        }
    }

    private void requireNopsAllowed() throws ScriptException {
        if (rules.has(ScriptFlag.DISCOURAGE_UPGRADABLE_NOPS)) {
            throw new ScriptException(ScriptError.DISCOURAGE_UPGRADABLE_NOPS);
        }
    }

    /// BIP65. The number stays on the stack, as it does for whoever knows a NOP here.
    private void checkLockTime() throws ScriptException {
        if (rules.has(ScriptFlag.CHECKLOCKTIMEVERIFY)) {
            long wanted = wantedLockTime();
            if (!LockTimeCheck.isAbsoluteSatisfied(
                    spender.transaction(), spender.inputIndex(), wanted)) {
                throw new ScriptException(ScriptError.UNSATISFIED_LOCKTIME);
            }
        }
    }

    /// BIP112.
    private void checkSequence() throws ScriptException {
        if (rules.has(ScriptFlag.CHECKSEQUENCEVERIFY)) {
            long wanted = wantedLockTime();
            if ((wanted & LockTimeCheck.DISABLED) == 0
                    && !LockTimeCheck.isRelativeSatisfied(
                            spender.transaction(), spender.inputIndex(), wanted)) {
                throw new ScriptException(ScriptError.UNSATISFIED_LOCKTIME);
            }
        }
    }

    private long wantedLockTime() throws ScriptException {
        stack.require(1);
        long wanted =
                ScriptNumber.decode(stack.peek(1), ScriptNumber.LOCK_TIME_BYTES, rules.minimal());
        if (wanted < 0) {
            throw new ScriptException(ScriptError.NEGATIVE_LOCKTIME);
        }
        return wanted;
    }

    /// Takes the top off if it is true, and fails if not.
    private void verifyTop(ScriptError error) throws ScriptException {
        if (!stack.isTopTrue()) {
            throw new ScriptException(error);
        }
        stack.pop();
    }

    private void equal(int opcode) throws ScriptException {
        stack.require(2);
        stack.push(Arrays.equals(stack.pop(), stack.pop()));
        if (opcode == Opcode.OP_EQUALVERIFY) {
            verifyTop(ScriptError.EQUALVERIFY);
        }
    }

    private long number(int place) throws ScriptException {
        return ScriptNumber.decode(stack.peek(place), ScriptNumber.OPERAND_BYTES, rules.minimal());
    }

    private void unary(int opcode) throws ScriptException {
        stack.require(1);
        long result = Arithmetic.unary(opcode, number(1));
        stack.drop(1);
        stack.push(result);
    }

    private void binary(int opcode) throws ScriptException {
        stack.require(2);
        long result = Arithmetic.binary(opcode, number(2), number(1));
        stack.drop(2);
        stack.push(result);
        if (opcode == Opcode.OP_NUMEQUALVERIFY) {
            verifyTop(ScriptError.NUMEQUALVERIFY);
        }
    }

    private void within() throws ScriptException {
        stack.require(3);
        long value = number(3);
        long least = number(2);
        long end = number(1);
        stack.drop(3);
        stack.push(least <= value && value < end);
    }

    private void checkSig(int opcode) throws ScriptException {
        stack.require(2);
        boolean valid = signatures.check(stack.peek(2), stack.peek(1));
        stack.drop(2);
        stack.push(valid);
        if (opcode == Opcode.OP_CHECKSIGVERIFY) {
            verifyTop(ScriptError.CHECKSIGVERIFY);
        }
    }

    private void checkSigAdd() throws ScriptException {
        if (isBeforeTapscript()) {
            throw new ScriptException(ScriptError.BAD_OPCODE);
        }
        stack.require(3);
        long count = number(2);
        boolean valid = signatures.check(stack.peek(3), stack.peek(1));
        stack.drop(3);
        stack.push(valid ? count + 1 : count);
    }

    /// `dummy sig… count key… count`: the item below all of that is taken too, which was a mistake
    /// once and is a rule since.
    private void checkMultisig(int opcode) throws ScriptException {
        if (!(signatures instanceof EcdsaCheck ecdsa)) {
            throw new ScriptException(ScriptError.TAPSCRIPT_CHECKMULTISIG);
        }
        int keys = count(1, MAX_MULTISIG_KEYS, ScriptError.PUBKEY_COUNT);
        countOperations(keys);
        int signatureCount = count(keys + 2, keys, ScriptError.SIG_COUNT);
        int items = keys + signatureCount + 2;
        stack.require(items + 1);
        List<byte[]> givenSignatures = downFrom(keys + 3, signatureCount);
        boolean valid = ecdsa.checkMulti(givenSignatures, downFrom(2, keys));
        if (!valid && rules.has(ScriptFlag.NULLFAIL)) {
            requireAllEmpty(givenSignatures);
        }
        stack.drop(items);
        dropDummy();
        stack.push(valid);
        if (opcode == Opcode.OP_CHECKMULTISIGVERIFY) {
            verifyTop(ScriptError.CHECKMULTISIGVERIFY);
        }
    }

    /// A number of things to come, 0 to `most`.
    private int count(int place, int most, ScriptError error) throws ScriptException {
        stack.require(place);
        long count = number(place);
        if (count < 0 || count > most) {
            throw new ScriptException(error);
        }
        return (int) count;
    }

    private List<byte[]> downFrom(int place, int count) {
        List<byte[]> items = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            items.add(stack.peek(place + i));
        }
        return items;
    }

    private static void requireAllEmpty(List<byte[]> signatures) throws ScriptException {
        for (byte[] signature : signatures) {
            if (signature.length > 0) {
                throw new ScriptException(ScriptError.SIG_NULLFAIL);
            }
        }
    }

    private void dropDummy() throws ScriptException {
        if (rules.has(ScriptFlag.NULLDUMMY) && stack.peek(1).length > 0) {
            throw new ScriptException(ScriptError.SIG_NULLDUMMY);
        }
        stack.pop();
    }
}
