package org.tutti.bitcoin.interpreter;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.musig.taproot.TapLeaf;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/// Decides on one input (Bitcoin Core `VerifyScript`, `VerifyWitnessProgram`,
/// `ExecuteWitnessScript`): which scripts are run, by which rules, and what they must leave.
///
/// Not thread-safe: one object, one input.
final class InputVerifier {
    private static final int ANNEX_TAG = 0x50;

    private final SignedTransaction signed;
    private final int index;
    private final TxIn input;
    private final Rules rules;
    private final IntConsumer trace;
    private final ScriptExecution.Spender spender;

    InputVerifier(SignedTransaction signed, int index, Rules rules, IntConsumer trace) {
        this.signed = signed;
        this.index = index;
        this.input = signed.transaction().inputs().get(index);
        this.rules = rules;
        this.trace = trace;
        this.spender = new ScriptExecution.Spender(signed.transaction(), index);
    }

    /// Returns if the input satisfies the output that it spends.
    void verify() throws ScriptException {
        Script scriptPubKey = signed.prevouts().get(index).scriptPubKey();
        byte[] scriptSig = input.scriptSig().bytes().toArray();
        if (rules.has(ScriptFlag.SIGPUSHONLY)) {
            requirePushOnly(scriptSig);
        }
        // One stack, but two runs: joined, the first script could swallow the second
        // (CVE-2010-5141).
        SighashCache sighashes = new SighashCache(signed::legacy, index);
        Stack stack = new Stack();
        run(scriptSig, stack, SignatureVersion.BASE, sighashes);
        Stack pushed = stack.copy();
        run(scriptPubKey.bytes().toArray(), stack, SignatureVersion.BASE, sighashes);
        requireTrue(stack);

        Optional<WitnessProgram> program = witnessProgram(scriptPubKey);
        if (program.isPresent()) {
            // BIP141: "The scriptSig must be exactly empty or validation fails."
            if (scriptSig.length > 0) {
                throw new ScriptException(ScriptError.WITNESS_MALLEATED);
            }
            verifyProgram(program.get(), false);
        } else if (rules.has(ScriptFlag.P2SH) && scriptPubKey.isP2sh()) {
            verifyScriptHash(scriptSig, pushed, sighashes);
        } else {
            requireClean(stack);
            requireNoWitness();
        }
    }

    /// BIP16: what was pushed last is a script itself. The stack is the one that scriptSig left: it
    /// has an item, as OP_HASH160 took one.
    private void verifyScriptHash(byte[] scriptSig, Stack stack, SighashCache sighashes)
            throws ScriptException {
        requirePushOnly(scriptSig);
        byte[] redeemScript = stack.pop();
        run(redeemScript, stack, SignatureVersion.BASE, sighashes);
        requireTrue(stack);
        Optional<WitnessProgram> program = witnessProgram(Script.of(Bytes.wrap(redeemScript)));
        if (program.isPresent()) {
            // BIP141: "The scriptSig must be exactly a push of the BIP16 redeemScript or validation
            // fails."
            if (!Arrays.equals(scriptSig, ScriptEdits.push(redeemScript))) {
                throw new ScriptException(ScriptError.WITNESS_MALLEATED_P2SH);
            }
            verifyProgram(program.get(), true);
        } else {
            requireClean(stack);
            requireNoWitness();
        }
    }

    private Optional<WitnessProgram> witnessProgram(Script script) {
        return rules.has(ScriptFlag.WITNESS) ? WitnessProgram.of(script) : Optional.empty();
    }

    private static void requirePushOnly(byte[] scriptSig) throws ScriptException {
        if (!ScriptReader.isPushOnly(scriptSig)) {
            throw new ScriptException(ScriptError.SIG_PUSHONLY);
        }
    }

    private static void requireTrue(Stack stack) throws ScriptException {
        if (stack.isEmpty() || !stack.isTopTrue()) {
            throw new ScriptException(ScriptError.EVAL_FALSE);
        }
    }

    private void requireClean(Stack stack) throws ScriptException {
        if (rules.has(ScriptFlag.CLEANSTACK) && stack.size() != 1) {
            throw new ScriptException(ScriptError.CLEANSTACK);
        }
    }

    private void requireNoWitness() throws ScriptException {
        if (rules.has(ScriptFlag.WITNESS) && !input.witness().isEmpty()) {
            throw new ScriptException(ScriptError.WITNESS_UNEXPECTED);
        }
    }

    private void run(byte[] script, Stack stack, SignatureVersion version, SighashCache sighashes)
            throws ScriptException {
        run(script, stack, version, new EcdsaCheck(script, version, rules, sighashes));
    }

    private void run(byte[] script, Stack stack, SignatureVersion version, SignatureCheck check)
            throws ScriptException {
        new ScriptExecution(script, stack, version, rules, spender, check, trace).run();
    }

    private void verifyProgram(WitnessProgram program, boolean wrapped) throws ScriptException {
        if (program.isKeyHash()) {
            verifyKeyHash(program.program());
        } else if (program.isScriptHash()) {
            verifyWitnessScriptHash(program.program().toArray());
        } else if (program.version() == 0) {
            throw new ScriptException(ScriptError.WITNESS_PROGRAM_WRONG_LENGTH);
        } else if (program.isTaproot() && !wrapped) {
            // BIP341: "P2SH-wrapped version 1 outputs remain unencumbered."
            if (rules.has(ScriptFlag.TAPROOT)) {
                verifyTaproot(program.program().toArray());
            }
        } else if (!(program.isAnchor() && !wrapped)
                && rules.has(ScriptFlag.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM)) {
            throw new ScriptException(ScriptError.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM);
        }
    }

    private List<byte[]> witness() {
        return input.witness().stream().map(Bytes::toArray).toList();
    }

    /// P2WPKH: signature and key, by the script of P2PKH.
    private void verifyKeyHash(Bytes keyHash) throws ScriptException {
        if (input.witness().size() != 2) {
            throw new ScriptException(ScriptError.WITNESS_PROGRAM_MISMATCH);
        }
        byte[] script = Script.p2pkh(keyHash).bytes().toArray();
        runWitnessScript(script, witness(), SignatureVersion.WITNESS_V0, witnessV0Check(script));
    }

    private EcdsaCheck witnessV0Check(byte[] script) {
        SighashCache sighashes = new SighashCache(signed::witnessV0, index);
        return new EcdsaCheck(script, SignatureVersion.WITNESS_V0, rules, sighashes);
    }

    /// P2WSH: the last item is the script, by the SHA-256 that the program is.
    private void verifyWitnessScriptHash(byte[] scriptHash) throws ScriptException {
        List<byte[]> witness = witness();
        if (witness.isEmpty()) {
            throw new ScriptException(ScriptError.WITNESS_PROGRAM_WITNESS_EMPTY);
        }
        byte[] script = witness.getLast();
        if (!Arrays.equals(ScriptHashes.hash(Opcode.OP_SHA256, script), scriptHash)) {
            throw new ScriptException(ScriptError.WITNESS_PROGRAM_MISMATCH);
        }
        List<byte[]> items = witness.subList(0, witness.size() - 1);
        runWitnessScript(script, items, SignatureVersion.WITNESS_V0, witnessV0Check(script));
    }

    /// BIP341, "Script validation rules".
    private void verifyTaproot(byte[] outputKey) throws ScriptException {
        List<byte[]> witness = witness();
        if (witness.isEmpty()) {
            throw new ScriptException(ScriptError.WITNESS_PROGRAM_WITNESS_EMPTY);
        }
        Optional<Bytes> annex = annex(witness);
        List<byte[]> items = annex.isPresent() ? witness.subList(0, witness.size() - 1) : witness;
        TaprootSpend spend = new TaprootSpend(signed.taproot().input(index, annex));
        if (items.size() == 1) {
            spend.checkKeyPath(items.getFirst(), outputKey);
        } else {
            verifyLeaf(outputKey, items, spend);
        }
    }

    private static Optional<Bytes> annex(List<byte[]> witness) {
        byte[] last = witness.getLast();
        return witness.size() >= 2 && last.length > 0 && last[0] == ANNEX_TAG
                ? Optional.of(Bytes.wrap(last))
                : Optional.empty();
    }

    /// @param items arguments, script, control block
    private void verifyLeaf(byte[] outputKey, List<byte[]> items, TaprootSpend spend)
            throws ScriptException {
        ControlBlock control = ControlBlock.parse(items.getLast());
        byte[] script = items.get(items.size() - 2);
        TapLeaf leaf = control.leaf(script);
        Bytes leafHash = leaf.hash();
        if (!control.commits(outputKey, leafHash)) {
            throw new ScriptException(ScriptError.WITNESS_PROGRAM_MISMATCH);
        }
        if (leaf.version() == TapLeaf.TAPSCRIPT) {
            runWitnessScript(
                    script,
                    items.subList(0, items.size() - 2),
                    SignatureVersion.TAPSCRIPT,
                    new TapscriptCheck(spend, leafHash, witnessBytes(), rules));
        } else if (rules.has(ScriptFlag.DISCOURAGE_UPGRADABLE_TAPROOT_VERSION)) {
            throw new ScriptException(ScriptError.DISCOURAGE_UPGRADABLE_TAPROOT_VERSION);
        }
    }

    /// The size of the whole witness, annex included, as it stands in a transaction.
    private long witnessBytes() {
        long bytes = WireWriter.compactSizeLength(input.witness().size());
        for (Bytes item : input.witness()) {
            bytes += WireWriter.compactSizeLength(item.length()) + item.length();
        }
        return bytes;
    }

    private void runWitnessScript(
            byte[] script, List<byte[]> items, SignatureVersion version, SignatureCheck check)
            throws ScriptException {
        if (version == SignatureVersion.TAPSCRIPT) {
            if (succeedsUnseen(script)) {
                return;
            }
            if (items.size() > ScriptExecution.MAX_STACK_ITEMS) {
                throw new ScriptException(ScriptError.STACK_SIZE);
            }
        }
        for (byte[] item : items) {
            if (item.length > ScriptExecution.MAX_ITEM_BYTES) {
                throw new ScriptException(ScriptError.PUSH_SIZE);
            }
        }
        Stack stack = Stack.of(items);
        run(script, stack, version, check);
        if (stack.size() != 1) {
            throw new ScriptException(ScriptError.CLEANSTACK);
        }
        requireTrue(stack);
    }

    /// BIP342: an OP_SUCCESS anywhere makes the leaf valid, whatever stands behind it; bytes that
    /// are no instruction count only where none came before.
    private boolean succeedsUnseen(byte[] script) throws ScriptException {
        ScriptReader reader = new ScriptReader(script);
        while (!reader.atEnd()) {
            if (!reader.next()) {
                throw new ScriptException(ScriptError.BAD_OPCODE);
            }
            if (Opcode.isSuccess(reader.opcode())) {
                trace.accept(reader.opcode());
                if (rules.has(ScriptFlag.DISCOURAGE_OP_SUCCESS)) {
                    throw new ScriptException(ScriptError.DISCOURAGE_OP_SUCCESS);
                }
                return true;
            }
        }
        return false;
    }
}
