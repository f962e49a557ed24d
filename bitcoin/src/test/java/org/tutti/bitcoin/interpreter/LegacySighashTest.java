package org.tutti.bitcoin.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.Transaction;

import tools.jackson.databind.JsonNode;

class LegacySighashTest {
    /// We never sign before Taproot; this is what the interpreter checks old inputs with.
    @Test
    void everyRandomTransactionIsHashedAsCoreDoes() throws Exception {
        int cases = 0;
        for (JsonNode entry : Vectors.json("script-taproot/sighash.json")) {
            if (entry.size() == 1) {
                continue;
            }
            Transaction transaction = Transaction.parse(Vectors.hex(entry.get(0)));
            SighashCache sighashes =
                    new SighashCache(() -> new LegacySighash(transaction), entry.get(2).asInt());
            byte[] script = Vectors.hex(entry.get(1)).toArray();
            int hashType = entry.get(3).asInt();
            byte[] hash = sighashes.hash(script, hashType);
            assertThat(Txid.of(Bytes.of(hash))).hasToString(entry.get(4).asString());
            // Once more, from what is kept of the first time.
            assertThat(sighashes.hash(script, hashType)).isEqualTo(hash);
            cases++;
        }
        assertThat(cases).isPositive();
    }
}
