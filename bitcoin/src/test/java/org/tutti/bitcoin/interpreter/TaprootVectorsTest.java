package org.tutti.bitcoin.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Core's Taproot cases and real mainnet spends, through the interpreter and against our own
/// signature hash.
class TaprootVectorsTest {
    /// What went wrong, by the cases' comments: one assertion at the end tells all of it.
    private static final class Tally {
        private int successes;
        private int failures;
        private final List<String> wrong = new ArrayList<>();

        void run(JsonNode entry) {
            try {
                Transaction transaction = Transaction.parse(Vectors.hex(entry.get("tx")));
                List<TxOut> prevouts = ScriptVectors.prevouts(entry.get("prevouts"));
                Set<ScriptFlag> flags = ScriptVectors.flags(entry.get("flags").asString());
                int index = entry.get("index").asInt();
                String comment = entry.get("comment").asString();
                if (entry.has("success")) {
                    successes++;
                    verify(transaction, prevouts, index, flags, entry.get("success"))
                            .ifPresent(f -> wrong.add(comment + " fails: " + f.reason()));
                }
                if (entry.has("failure")) {
                    failures++;
                    if (verify(transaction, prevouts, index, flags, entry.get("failure"))
                            .isEmpty()) {
                        wrong.add(comment + " passes with the failing witness");
                    }
                }
            } catch (DecodeException e) {
                wrong.add(entry.get("comment") + " cannot be read: " + e.getMessage());
            }
        }

        private static Optional<ScriptFailure> verify(
                Transaction transaction,
                List<TxOut> prevouts,
                int index,
                Set<ScriptFlag> flags,
                JsonNode spend) {
            Transaction signed = ScriptVectors.with(transaction, index, spend);
            return ScriptInterpreter.verify(signed, prevouts, index, flags);
        }
    }

    @Test
    void keyPathCasesOfCorePassAndFailAsTheySay() {
        Tally tally = new Tally();
        JsonNode file = Vectors.json("script-taproot/core_taproot_keypath_subset.json");
        file.forEach(tally::run);
        print("core_taproot_keypath_subset.json", tally);
    }

    @Test
    void everyCaseOfCoresFeatureTaprootPassesAndFailsAsItSays() {
        Tally tally = new Tally();
        Vectors.eachJsonLine("script-taproot/core_feature_taproot_dump.jsonl.gz", tally::run);
        print("core_feature_taproot_dump.jsonl.gz", tally);
    }

    /// BIP446 (OP_TEMPLATEHASH) is a soft fork that is not active: nodes run its opcode as
    /// OP_SUCCESS, and so do we. Cases that need it have nothing to run on.
    @Test
    void casesOfBip446ThatDoNotNeedItPassAndFailAsTheySay() {
        Tally tally = new Tally();
        int inactive = 0;
        String file = "script-taproot/bip446_script_assets_test.json";
        for (JsonNode entry : Vectors.lenientJson(file)) {
            if (entry.get("flags").asString().contains("TEMPLATEHASH")) {
                inactive++;
            } else {
                tally.run(entry);
            }
        }
        System.out.println(inactive + " cases left out: OP_TEMPLATEHASH is not active anywhere");
        print("bip446_script_assets_test.json", tally);
    }

    private static void print(String file, Tally tally) {
        assertThat(tally.wrong).isEmpty();
        assertThat(tally.successes).isPositive();
        System.out.println(
                file + ": " + tally.successes + " passed, " + tally.failures + " failed as told");
    }
}
