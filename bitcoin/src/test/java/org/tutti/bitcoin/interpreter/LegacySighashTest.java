package org.tutti.bitcoin.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.hash.Txid;

import tools.jackson.databind.JsonNode;

class LegacySighashTest {
    /// We never sign before Taproot; this is what the interpreter checks old inputs with. The
    /// transactions are random bytes with impossible amounts, so they go to the library without
    /// passing our own reader, which refuses them.
    @Test
    void theLibraryHashesEveryRandomTransactionAsCoreDoes() {
        int cases = 0;
        for (JsonNode entry : Vectors.json("script-taproot/sighash.json")) {
            if (entry.size() == 1) {
                continue;
            }
            fr.acinq.bitcoin.Transaction transaction =
                    fr.acinq.bitcoin.Transaction.read(Vectors.hex(entry.get(0)).toArray());
            byte[] hash =
                    fr.acinq.bitcoin.Transaction.hashForSigning(
                            transaction,
                            entry.get(2).asInt(),
                            Vectors.hex(entry.get(1)).toArray(),
                            entry.get(3).asInt());
            assertThat(Txid.of(Bytes.of(hash))).hasToString(entry.get(4).asString());
            cases++;
        }
        assertThat(cases).isPositive();
    }
}
