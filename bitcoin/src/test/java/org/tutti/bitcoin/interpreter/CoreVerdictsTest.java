package org.tutti.bitcoin.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;

import tools.jackson.databind.JsonNode;

import java.util.List;
import java.util.Optional;

/// Inputs on which an interpreter of another project and Bitcoin Core gave opposite answers.
class CoreVerdictsTest {
    @Test
    void everyCaseEndsAsCoreSays() throws Exception {
        int cases = 0;
        for (JsonNode entry : Vectors.json("script-core-verdicts/cases.json")) {
            Transaction transaction = Transaction.parse(Vectors.hex(entry.get("tx")));
            TxOut prevout =
                    new TxOut(
                            Sat.of(entry.get("amount").asLong()),
                            Script.of(Vectors.hex(entry.get("scriptPubKey"))));
            Optional<ScriptFailure> failure =
                    ScriptInterpreter.verify(
                            transaction,
                            List.of(prevout),
                            entry.get("input").asInt(),
                            ScriptVectors.flags(entry.get("flags").asString()));
            assertThat(failure.isEmpty())
                    .as(entry.get("name") + " gives " + failure)
                    .isEqualTo(entry.get("valid").asBoolean());
            cases++;
        }
        assertThat(cases).isPositive();
    }
}
