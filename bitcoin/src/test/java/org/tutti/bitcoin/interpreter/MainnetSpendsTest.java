package org.tutti.bitcoin.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Real Taproot key path spends of mainnet block 866342.
class MainnetSpendsTest {
    @Test
    void ourSighashVerifiesEverySignatureAndTheInterpreterAgrees() throws Exception {
        int inputs = 0;
        JsonNode file = Vectors.json("script-taproot/mainnet_866342_taproot_keypath_spends.json");
        for (JsonNode entry : file.get("transactions")) {
            Transaction transaction = Transaction.parse(Vectors.hex(entry.get("tx")));
            assertThat(transaction.txid()).hasToString(entry.get("txid").asString());
            List<TxOut> prevouts = prevouts(entry);
            assertThat(ScriptInterpreter.verifyAll(transaction, prevouts, ScriptFlag.CONSENSUS))
                    .isEmpty();
            TaprootSighash sighash = TaprootSighash.of(transaction, prevouts);
            for (JsonNode spend : entry.get("keypath_inputs")) {
                check(transaction, prevouts, sighash, spend);
                inputs++;
            }
        }
        assertThat(inputs).isPositive();
    }

    private static void check(
            Transaction transaction, List<TxOut> prevouts, TaprootSighash sighash, JsonNode spend)
            throws Exception {
        int index = spend.get("index").asInt();
        Script script = prevouts.get(index).scriptPubKey();
        assertThat(script).isEqualTo(Script.p2tr(Vectors.hex(spend.get("output_key"))));
        SighashType type = SighashType.of(spend.get("hash_type").asInt()).orElseThrow();
        Optional<Bytes> annex =
                spend.get("annex").isNull()
                        ? Optional.empty()
                        : Optional.of(Vectors.hex(spend.get("annex")));
        Bytes hash = sighash.keyPath(index, type, annex);
        assertThat(hash).isEqualTo(Vectors.hex(spend.get("sighash")));

        Bytes item = transaction.inputs().get(index).witness().getFirst();
        assertThat(item).isEqualTo(Vectors.hex(spend.get("signature")));
        // A hash type other than DEFAULT stands behind the signature.
        assertThat(item.length()).isEqualTo(type == SighashType.DEFAULT ? 64 : 65);
        SchnorrSignature signature = new SchnorrSignature(item.slice(0, 64));
        XOnlyPublicKey key = XOnlyPublicKey.parse(script.slice(2, 34));
        assertThat(Schnorr.verify(key, hash.toArray(), signature))
                .isEqualTo(spend.get("valid").asBoolean());
    }

    @Test
    void oneBitOfASignatureOrAmountChangedAndTheInterpreterRefuses() throws Exception {
        JsonNode entry =
                Vectors.json("script-taproot/mainnet_866342_taproot_keypath_spends.json")
                        .get("transactions")
                        .get(0);
        Transaction transaction = Transaction.parse(Vectors.hex(entry.get("tx")));
        int input = entry.get("keypath_inputs").get(0).get("index").asInt();
        List<TxOut> prevouts = prevouts(entry);
        TxOut spent = prevouts.get(input);
        List<TxOut> richer = new ArrayList<>(prevouts);
        richer.set(input, new TxOut(spent.value().plus(Sat.of(1)), spent.scriptPubKey()));
        assertThat(ScriptInterpreter.verifyAll(transaction, prevouts)).isEmpty();
        assertThat(ScriptInterpreter.verifyAll(transaction, richer)).isPresent();

        byte[] signature = transaction.inputs().get(input).witness().getFirst().toArray();
        for (int bit = 0; bit < 512; bit += 37) {
            signature[bit / 8] ^= (byte) (1 << bit % 8);
            refused(transaction.withWitness(input, List.of(Bytes.of(signature))), prevouts);
            signature[bit / 8] ^= (byte) (1 << bit % 8);
        }
        refused(transaction.withWitness(input, List.of(Bytes.wrap(new byte[64]))), prevouts);
        refused(transaction.withWitness(input, List.of()), prevouts);
    }

    private static void refused(Transaction transaction, List<TxOut> prevouts) {
        assertThat(ScriptInterpreter.verifyAll(transaction, prevouts)).isPresent();
    }

    private static List<TxOut> prevouts(JsonNode entry) {
        List<TxOut> prevouts = new ArrayList<>();
        for (JsonNode prevout : entry.get("prevouts")) {
            prevouts.add(
                    new TxOut(
                            Sat.of(prevout.get("value").asLong()),
                            Script.of(Vectors.hex(prevout.get("scriptPubKey")))));
        }
        return prevouts;
    }
}
