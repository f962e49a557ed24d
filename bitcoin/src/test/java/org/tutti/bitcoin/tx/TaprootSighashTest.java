package org.tutti.bitcoin.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.interpreter.ScriptInterpreter;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.units.Sat;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.taproot.TapTweak;

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
            List<TxOut> prevouts = prevouts(given);
            TaprootSighash sighash = TaprootSighash.of(transaction, prevouts);
            for (JsonNode input : spending.get("inputSpending")) {
                int index = input.get("given").get("txinIndex").asInt();
                SighashType type =
                        SighashType.of(input.get("given").get("hashType").asInt()).orElseThrow();
                JsonNode expected = input.get("intermediary");
                // The file's sigMsg starts with the epoch byte.
                String message = expected.get("sigMsg").asString();
                assertThat("00" + sighash.input(index, Optional.empty()).message(type, 0).toBytes())
                        .isEqualTo(message);
                for (JsonNode part : expected.get("precomputedUsed")) {
                    assertThat(message)
                            .contains(spending.get("intermediary").get(part.asString()).asString());
                }
                assertThat(sighash.keyPath(index, type, Optional.empty()))
                        .isEqualTo(Vectors.hex(expected.get("sigHash")));
                cases++;
            }
        }
        assertThat(cases).isPositive();
    }

    private static List<TxOut> prevouts(JsonNode given) {
        List<TxOut> prevouts = new ArrayList<>();
        for (JsonNode spent : given.get("utxosSpent")) {
            prevouts.add(
                    new TxOut(
                            Sat.of(spent.get("amountSats").asLong()),
                            Script.of(Vectors.hex(spent.get("scriptPubKey")))));
        }
        return prevouts;
    }

    @Test
    void everyKeyPathSpendOfBip341IsSignedAsItSays() throws Exception {
        for (JsonNode spending :
                Vectors.json("bip341/wallet-test-vectors.json").get("keyPathSpending")) {
            List<TxOut> prevouts = prevouts(spending.get("given"));
            Transaction signed =
                    Transaction.parse(Vectors.hex(spending.get("auxiliary").get("fullySignedTx")));
            Transaction unsigned =
                    Transaction.parseWithoutWitness(
                            Vectors.hex(spending.get("given").get("rawUnsignedTx")));
            TaprootSighash sighash = TaprootSighash.of(unsigned, prevouts);
            for (JsonNode input : spending.get("inputSpending")) {
                List<Bytes> witness =
                        input.get("expected")
                                .get("witness")
                                .valueStream()
                                .map(Vectors::hex)
                                .toList();
                assertThat(witness).containsExactly(sign(sighash, input.get("given")));
                int index = input.get("given").get("txinIndex").asInt();
                assertThat(signed.inputs().get(index).witness()).isEqualTo(witness);
            }
            assertThat(signed.outputs()).isEqualTo(unsigned.outputs());
            assertThat(ScriptInterpreter.verifyAll(signed, prevouts)).isEmpty();
        }
    }

    /// The file's signatures are made without auxiliary randomness.
    private static Bytes sign(TaprootSighash sighash, JsonNode given) throws Exception {
        SighashType type = SighashType.of(given.get("hashType").asInt()).orElseThrow();
        Optional<Bytes> root =
                given.get("merkleRoot").isNull()
                        ? Optional.empty()
                        : Optional.of(Vectors.hex(given.get("merkleRoot")));
        Bytes hash = sighash.keyPath(given.get("txinIndex").asInt(), type, Optional.empty());
        try (SecretKey internal =
                        SecretKey.of(Vectors.hex(given.get("internalPrivkey")).toArray());
                SecretKey key = TapTweak.tweakSecret(internal, root)) {
            Bytes signature = Schnorr.sign(key, hash.toArray(), new byte[32]).bytes();
            return type == SighashType.DEFAULT
                    ? signature
                    : Bytes.concat(signature, Bytes.wrap(new byte[] {(byte) type.value()}));
        }
    }

    @Test
    void everyScriptPubKeyOfBip341HasItsAddress() throws Exception {
        for (JsonNode test : Vectors.json("bip341/wallet-test-vectors.json").get("scriptPubKey")) {
            JsonNode expected = test.get("expected");
            assertThat(
                            Address.of(
                                            Script.of(Vectors.hex(expected.get("scriptPubKey"))),
                                            Network.MAINNET)
                                    .text())
                    .isEqualTo(expected.get("bip350Address").asString());
        }
    }

    @Test
    void singleWithoutItsOutputIsRefused() {
        Transaction transaction =
                new Transaction(
                        2,
                        List.of(TxIn.unsigned(new OutPoint(Txid.ZERO, 0), Sequence.ZERO)),
                        List.of(),
                        LockTime.NONE);
        List<TxOut> prevouts = List.of(new TxOut(Sat.ZERO, Script.EMPTY));
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
