package org.tutti.bitcoin.interpreter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.taproot.TapLeaf;
import org.tutti.musig.taproot.TapTweak;
import org.tutti.musig.taproot.TaprootOutput;

import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

class HostileScriptTest {
    private static Optional<ScriptFailure> run(Bytes leafScript) throws Exception {
        byte[] seven = new byte[32];
        seven[31] = 7;
        try (SecretKey key = SecretKey.of(seven)) {
            TapLeaf leaf = TapLeaf.of(leafScript);
            TaprootOutput output =
                    TapTweak.output(key.publicKey().xOnly(), Optional.of(leaf.hash()));
            Bytes control = output.controlBlock(leaf, List.of());
            return verify(output.scriptPubKey(), List.of(leafScript, control));
        }
    }

    private static Optional<ScriptFailure> verify(Bytes scriptPubKey, List<Bytes> witness) {
        TxIn input = new TxIn(new OutPoint(Txid.ZERO, 0), Script.EMPTY, Sequence.ZERO, witness);
        Transaction transaction =
                new Transaction(
                        2,
                        List.of(input),
                        List.of(new TxOut(Sat.ZERO, Script.EMPTY)),
                        LockTime.NONE);
        return ScriptInterpreter.verifyAll(
                transaction,
                List.of(new TxOut(Sat.of(1), Script.of(scriptPubKey))),
                ScriptFlag.CONSENSUS);
    }

    @Test
    void aTrueLeafPassesSoTheOthersFailForTheirScript() throws Exception {
        assertThat(run(Bytes.fromHex("51"))).isEmpty();
        assertThat(run(Bytes.fromHex("00"))).isPresent();
    }

    @Test
    void endlessNestingFailsAndDoesNotCrash() throws Exception {
        String deep = "51" + "63".repeat(100_000);
        assertThat(run(Bytes.fromHex(deep))).isPresent();
        assertThat(run(Bytes.fromHex("00" + "63".repeat(100_000) + "68".repeat(100_000))))
                .isPresent();
        assertThat(run(Bytes.fromHex("76".repeat(390_000)))).isPresent();
        assertThat(run(Bytes.fromHex("51" + "76".repeat(390_000)))).isPresent();
    }

    /// Each of these once took a time that grew with the square of the script.
    @Test
    void aLeafOfManyInstructionsIsRunToItsEnd() throws Exception {
        int count = 600_000;
        assertThat(run(Bytes.fromHex("61".repeat(count) + "51"))).isEmpty();
        assertThat(run(Bytes.fromHex("ab".repeat(count) + "51"))).isEmpty();
        assertThat(run(Bytes.fromHex("51" + "7675".repeat(count / 2)))).isEmpty();
        assertThat(run(Bytes.fromHex("5163".repeat(count / 3) + "68".repeat(count / 3) + "51")))
                .isEmpty();
        assertThat(run(Bytes.fromHex("0063" + "63".repeat(count / 2) + "68".repeat(count / 2))))
                .isPresent();
    }

    @Test
    void randomScriptsEndWithAnAnswer() throws Exception {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
        for (int round = 0; round < 2_000; round++) {
            byte[] script = new byte[random.nextInt(1, 60)];
            random.nextBytes(script);
            assertThat(run(Bytes.wrap(script))).isNotNull();
            assertThat(verify(Bytes.wrap(script), List.of(Bytes.wrap(script)))).isNotNull();
        }
    }

    @Test
    void aPrevoutTooFewIsAMisuseAndSaysSo() {
        Transaction transaction =
                new Transaction(
                        2,
                        List.of(TxIn.unsigned(new OutPoint(Txid.ZERO, 0), Sequence.ZERO)),
                        List.of(),
                        LockTime.NONE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ScriptInterpreter.verifyAll(transaction, List.of()))
                .withMessage("1 inputs but 0 prevouts");
    }
}
