package org.tutti.interop.script;

import org.tutti.bitcoin.interpreter.ScriptFlag;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;

import java.util.List;
import java.util.Set;

/// One input, and the sets of flags that it is tried under.
///
/// @param number makes the same case again, in a run with the same seed
/// @param kind what it was meant to be, for people
/// @param spent one output for each input
record ScriptCase(
        long number,
        String kind,
        Transaction transaction,
        List<TxOut> spent,
        int input,
        List<Set<ScriptFlag>> flags) {
    ScriptCase {
        spent = List.copyOf(spent);
        flags = List.copyOf(flags);
    }

    /// The question of `interop/core-script` for one of the sets.
    String question(Set<ScriptFlag> set) {
        StringBuilder line = new StringBuilder(1_000);
        line.append(Flags.bits(set)).append(' ').append(input).append(' ');
        line.append(transaction.serialize().toHex());
        for (TxOut output : spent) {
            line.append(' ').append(output.value().value()).append(':');
            line.append(output.scriptPubKey().toHex());
        }
        return line.toString();
    }
}
