package org.tutti.interop.script;

import org.tutti.bitcoin.interpreter.ScriptFailure;
import org.tutti.bitcoin.interpreter.ScriptFlag;
import org.tutti.bitcoin.interpreter.ScriptInterpreter;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;

/// What is compared with Core: ours, or ours with something planted.
interface Interpreter {
    Interpreter OURS = ScriptInterpreter::verify;

    Optional<ScriptFailure> verify(
            Transaction transaction,
            List<TxOut> spent,
            int input,
            Set<ScriptFlag> flags,
            IntConsumer trace);
}
