package org.tutti.bitcoin.interpreter;

import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.Script;
import fr.acinq.bitcoin.ScriptFlags;
import fr.acinq.bitcoin.ScriptWitness;

import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.musig.secp256k1.NativeLibrary;
import org.tutti.musig.secp256k1.NativeLibraryException;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// One transaction in bitcoin-kmp's types, ready to have its inputs run. Immutable after
/// construction.
final class KmpInterpreter {
    private final fr.acinq.bitcoin.Transaction transaction;
    private final List<fr.acinq.bitcoin.TxOut> prevouts;

    /// @param prevouts one for each input in the same order
    /// @throws NativeLibraryException if libsecp256k1 cannot be used here: later that would look
    ///   like a script that fails
    public KmpInterpreter(Transaction transaction, List<TxOut> prevouts) {
        NativeLibrary.require();
        this.transaction = fr.acinq.bitcoin.Transaction.read(transaction.serialize().toArray());
        this.prevouts = new ArrayList<>(prevouts.size());
        for (TxOut prevout : prevouts) {
            this.prevouts.add(
                    new fr.acinq.bitcoin.TxOut(
                            new Satoshi(prevout.value().value()),
                            new ByteVector(prevout.scriptPubKey().bytes().toArray())));
        }
    }

    /// Runs one input. The library reports a failed script by false or by any exception: both are a
    /// failure here.
    public Optional<ScriptFailure> verify(int inputIndex, Set<ScriptFlag> flags) {
        fr.acinq.bitcoin.TxIn input = transaction.txIn.get(inputIndex);
        fr.acinq.bitcoin.TxOut prevout = prevouts.get(inputIndex);
        Script.Context context =
                new Script.Context(transaction, inputIndex, prevout.amount, prevouts);
        ScriptWitness witness = input.witness;
        try {
            boolean satisfied =
                    new Script.Runner(context, bits(flags))
                            .verifyScripts(input.signatureScript, prevout.publicKeyScript, witness);
            return satisfied
                    ? Optional.empty()
                    : Optional.of(new ScriptFailure(inputIndex, "the script ends with false"));
        } catch (Exception | StackOverflowError e) {
            return Optional.of(new ScriptFailure(inputIndex, String.valueOf(e.getMessage())));
        }
    }

    private static int bits(Set<ScriptFlag> flags) {
        return flags.stream().mapToInt(KmpInterpreter::bit).reduce(0, (a, b) -> a | b);
    }

    private static int bit(ScriptFlag flag) {
        return switch (flag) {
            case P2SH -> ScriptFlags.SCRIPT_VERIFY_P2SH;
            case STRICTENC -> ScriptFlags.SCRIPT_VERIFY_STRICTENC;
            case DERSIG -> ScriptFlags.SCRIPT_VERIFY_DERSIG;
            case LOW_S -> ScriptFlags.SCRIPT_VERIFY_LOW_S;
            case NULLDUMMY -> ScriptFlags.SCRIPT_VERIFY_NULLDUMMY;
            case SIGPUSHONLY -> ScriptFlags.SCRIPT_VERIFY_SIGPUSHONLY;
            case MINIMALDATA -> ScriptFlags.SCRIPT_VERIFY_MINIMALDATA;
            case DISCOURAGE_UPGRADABLE_NOPS -> ScriptFlags.SCRIPT_VERIFY_DISCOURAGE_UPGRADABLE_NOPS;
            case CLEANSTACK -> ScriptFlags.SCRIPT_VERIFY_CLEANSTACK;
            case CHECKLOCKTIMEVERIFY -> ScriptFlags.SCRIPT_VERIFY_CHECKLOCKTIMEVERIFY;
            case CHECKSEQUENCEVERIFY -> ScriptFlags.SCRIPT_VERIFY_CHECKSEQUENCEVERIFY;
            case WITNESS -> ScriptFlags.SCRIPT_VERIFY_WITNESS;
            case DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM ->
                    ScriptFlags.SCRIPT_VERIFY_DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM;
            case MINIMALIF -> ScriptFlags.SCRIPT_VERIFY_MINIMALIF;
            case NULLFAIL -> ScriptFlags.SCRIPT_VERIFY_NULLFAIL;
            case WITNESS_PUBKEYTYPE -> ScriptFlags.SCRIPT_VERIFY_WITNESS_PUBKEYTYPE;
            case CONST_SCRIPTCODE -> ScriptFlags.SCRIPT_VERIFY_CONST_SCRIPTCODE;
            case TAPROOT -> ScriptFlags.SCRIPT_VERIFY_TAPROOT;
            case DISCOURAGE_UPGRADABLE_TAPROOT_VERSION ->
                    ScriptFlags.SCRIPT_VERIFY_DISCOURAGE_UPGRADABLE_TAPROOT_VERSION;
            case DISCOURAGE_OP_SUCCESS -> ScriptFlags.SCRIPT_VERIFY_DISCOURAGE_OP_SUCCESS;
            case DISCOURAGE_UPGRADABLE_PUBKEYTYPE ->
                    ScriptFlags.SCRIPT_VERIFY_DISCOURAGE_UPGRADABLE_PUBKEYTYPE;
        };
    }
}
