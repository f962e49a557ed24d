package org.tutti.interop.script;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.interpreter.ScriptError;
import org.tutti.bitcoin.interpreter.ScriptFailure;
import org.tutti.bitcoin.interpreter.ScriptFlag;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;

/// Mistakes that interpreters have made, planted around ours: the comparison must find each.
enum Deviation implements Interpreter {
    /// What nodes refuse to relay is refused in blocks too.
    POLICY_AS_CONSENSUS {
        @Override
        public Optional<ScriptFailure> verify(
                Transaction transaction,
                List<TxOut> spent,
                int input,
                Set<ScriptFlag> flags,
                IntConsumer trace) {
            Set<ScriptFlag> more = EnumSet.noneOf(ScriptFlag.class);
            more.addAll(flags);
            more.add(ScriptFlag.MINIMALIF);
            return OURS.verify(transaction, spent, input, more, trace);
        }
    },

    /// P2SH may wrap a witness program in whatever leaves it on top.
    WRAPPED_PROGRAM_BY_ANY_PUSH {
        @Override
        public Optional<ScriptFailure> verify(
                Transaction transaction,
                List<TxOut> spent,
                int input,
                Set<ScriptFlag> flags,
                IntConsumer trace) {
            return OURS.verify(transaction, spent, input, flags, trace)
                    .filter(failure -> failure.error() != ScriptError.WITNESS_MALLEATED_P2SH);
        }
    },

    /// A witness program that has no meaning must have no witness.
    UNKNOWN_PROGRAM_WITHOUT_WITNESS {
        @Override
        public Optional<ScriptFailure> verify(
                Transaction transaction,
                List<TxOut> spent,
                int input,
                Set<ScriptFlag> flags,
                IntConsumer trace) {
            Script script = spent.get(input).scriptPubKey();
            boolean unknown =
                    script.isWitnessProgram() && script.witnessVersion() > 0 && !script.isP2tr();
            boolean refused =
                    unknown
                            && flags.contains(ScriptFlag.WITNESS)
                            && !transaction.inputs().get(input).witness().isEmpty();
            return refused
                    ? Optional.of(new ScriptFailure(input, ScriptError.WITNESS_UNEXPECTED))
                    : OURS.verify(transaction, spent, input, flags, trace);
        }
    },

    /// The annex is dropped before anything is hashed or weighed.
    ANNEX_NOT_SIGNED {
        @Override
        public Optional<ScriptFailure> verify(
                Transaction transaction,
                List<TxOut> spent,
                int input,
                Set<ScriptFlag> flags,
                IntConsumer trace) {
            List<TxIn> inputs = new ArrayList<>(transaction.inputs());
            List<Bytes> witness = inputs.get(input).witness();
            boolean annex =
                    spent.get(input).scriptPubKey().isP2tr()
                            && witness.size() >= 2
                            && !witness.getLast().isEmpty()
                            && witness.getLast().get(0) == 0x50;
            Transaction changed =
                    annex
                            ? transaction.withWitness(input, witness.subList(0, witness.size() - 1))
                            : transaction;
            return OURS.verify(changed, spent, input, flags, trace);
        }
    }
}
