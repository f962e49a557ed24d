package org.tutti.bitcoin.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.units.Sat;
import org.tutti.bytes.Bytes;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class TaprootSighashTest {
    @Test
    void everyKeyPathSpendOfBip341HasItsMessageAndHash() throws Exception {
        int cases = 0;
        for (JsonNode spending :
                Vectors.json("bip341/wallet-test-vectors.json").get("keyPathSpending")) {
            JsonNode given = spending.get("given");
            Transaction transaction =
                    Transaction.parseWithoutWitness(Vectors.hex(given.get("rawUnsignedTx")));
            List<TxOut> prevouts = new ArrayList<>();
            for (JsonNode spent : given.get("utxosSpent")) {
                prevouts.add(
                        new TxOut(
                                Sat.of(spent.get("amountSats").asLong()),
                                Vectors.hex(spent.get("scriptPubKey"))));
            }
            TaprootSighash sighash = TaprootSighash.of(transaction, prevouts);
            for (JsonNode input : spending.get("inputSpending")) {
                int index = input.get("given").get("txinIndex").asInt();
                SighashType type =
                        SighashType.of(input.get("given").get("hashType").asInt()).orElseThrow();
                JsonNode expected = input.get("intermediary");
                // The file's sigMsg starts with the epoch byte.
                assertThat("00" + sighash.message(index, type, Optional.empty(), 0).toBytes())
                        .isEqualTo(expected.get("sigMsg").asString());
                assertThat(sighash.keyPath(index, type, Optional.empty()))
                        .isEqualTo(Vectors.hex(expected.get("sigHash")));
                cases++;
            }
        }
        assertThat(cases).isEqualTo(7);
    }

    @Test
    void singleWithoutItsOutputIsRefused() {
        Transaction transaction =
                new Transaction(
                        2, List.of(TxIn.unsigned(new OutPoint(Hash256.ZERO, 0), 0)), List.of(), 0);
        List<TxOut> prevouts = List.of(new TxOut(Sat.ZERO, Bytes.EMPTY));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> TaprootSighash.keyPath(transaction, prevouts, 0, SighashType.SINGLE));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TaprootSighash.of(transaction, List.of()));
    }

    @Test
    void onlySevenBytesAreHashTypes() {
        long known =
                java.util.stream.IntStream.range(0, 256)
                        .filter(value -> SighashType.of(value).isPresent())
                        .count();
        assertThat(known).isEqualTo(7);
        assertThat(SighashType.of(0x80)).isEmpty();
    }
}
