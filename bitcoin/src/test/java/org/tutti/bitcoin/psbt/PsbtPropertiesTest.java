package org.tutti.bitcoin.psbt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.interpreter.ScriptInterpreter;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.musig.keys.DerivationPath;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.musig.PartialSignature;
import org.tutti.musig.musig.PublicNonce;
import org.tutti.musig.taproot.TapLeaf;
import org.tutti.musig.taproot.TapTree;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// PSBTs to which signers add what they know, in any order; each seed is one run.
class PsbtPropertiesTest {
    /// One thing that somebody adds.
    private interface Step {
        Psbt to(Psbt psbt) throws Exception;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void theOrderInWhichSignersAddFieldsMakesNoDifference(long seed) throws Exception {
        Random random = new Random(seed);
        Psbt empty = Psbts.psbt(1 + random.nextInt(3), 1 + random.nextInt(3));
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            steps.add(step(random, empty, i));
        }
        Psbt inOrder = empty;
        Psbt combined = empty;
        for (Step step : steps) {
            inOrder = step.to(inOrder);
            combined = step.to(empty).combine(combined);
        }
        Collections.shuffle(steps, random);
        Psbt inAnother = empty;
        for (Step step : steps) {
            inAnother = step.to(inAnother);
        }
        assertThat(inAnother).isEqualTo(inOrder);
        assertThat(combined).isEqualTo(inOrder);
        assertThat(Psbt.parse(inOrder.serialize().toArray())).isEqualTo(inOrder);
        assertThat(Psbt.parseBase64(inOrder.toBase64())).isEqualTo(inOrder);
        assertThat(inOrder.unsignedTransaction()).isEqualTo(empty.unsignedTransaction());
        assertThat(inOrder.asVersion0().asVersion2()).isEqualTo(inOrder);
    }

    /// A field whose key no other step has.
    private static Step step(Random random, Psbt psbt, int number) throws Exception {
        int input = random.nextInt(psbt.inputs().size());
        int output = random.nextInt(psbt.outputs().size());
        XOnlyPublicKey key = Psbts.publicKey(10 + number).xOnly();
        Bytes hash = bytes(random, 32);
        Optional<Bytes> leaf = random.nextBoolean() ? Optional.of(hash) : Optional.empty();
        Musig2Key contribution =
                new Musig2Key(Psbts.publicKey(10 + number), Psbts.publicKey(1), leaf);
        TapDerivation derivation =
                new TapDerivation(
                        leaf.map(List::of).orElse(List.of()),
                        new KeyOrigin(
                                bytes(random, 4),
                                DerivationPath.of(random.nextInt(9), random.nextInt(9))));
        PublicNonce nonce =
                PublicNonce.parse(
                        Bytes.concat(
                                Psbts.publicKey(3 + random.nextInt(9)).bytes(),
                                Psbts.publicKey(3 + random.nextInt(9)).bytes()));
        PartialSignature partial =
                PartialSignature.parse(Bytes.concat(Bytes.fromHex("7f"), bytes(random, 31)));
        PsbtField unknown = new PsbtField(0x70 + number, bytes(random, random.nextInt(9)), hash);
        return switch (random.nextInt(7)) {
            case 0 -> given -> given.withInput(input, in -> in.withTapDerivation(key, derivation));
            case 1 ->
                    given ->
                            given.withInput(
                                    input, in -> in.withMusig2PubNonce(contribution, nonce));
            case 2 -> given -> given.withMusig2PartialSig(input, contribution, partial);
            case 3 -> given -> given.withInput(input, given.inputs().get(input).withField(unknown));
            case 4 -> given -> given.withGlobalField(unknown);
            case 5 ->
                    given ->
                            given.withOutput(output, out -> out.withTapDerivation(key, derivation));
            default ->
                    given ->
                            given.withOutput(
                                    output, given.outputs().get(output).withField(unknown));
        };
    }

    private static Bytes bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    private static TapTree tree(Random random, int depth) {
        if (depth == 0 || random.nextInt(3) == 0) {
            return new TapLeaf(2 * random.nextInt(128), bytes(random, random.nextInt(5)));
        }
        return TapTree.branch(tree(random, depth - 1), tree(random, depth - 1));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aTreeIsTheSameAfterItWasWrittenAsLeaves(long seed) throws Exception {
        Random random = new Random(seed);
        TapTree tree = tree(random, 9);
        Psbt psbt = Psbts.psbt(1, 1).withOutput(0, out -> out.withTapTree(TapTreeLeaves.of(tree)));
        Psbt read = Psbt.parse(psbt.serialize().toArray());
        assertThat(read.outputs().getFirst().tapTree().orElseThrow().tree()).isEqualTo(tree);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void signersWhoSignInputsOfTheirOwnMakeOneTransaction(long seed) throws Exception {
        Random random = new Random(seed);
        int inputs = 1 + random.nextInt(5);
        Psbt psbt = Psbts.psbt(inputs, inputs);
        List<Psbt> signed = new ArrayList<>();
        List<SighashType> types = List.of(SighashType.values());
        for (int i = 0; i < inputs; i++) {
            SighashType type = types.get(random.nextInt(types.size()));
            int index = i;
            psbt = psbt.withInput(index, in -> in.withSighashType(type));
        }
        for (int i = 0; i < inputs; i++) {
            SighashType type = psbt.inputs().get(i).sighashType();
            signed.add(psbt.withTapKeySig(i, Psbts.signature(psbt, i, type)));
        }
        Collections.shuffle(signed, random);
        Psbt all = signed.getFirst();
        for (Psbt each : signed) {
            all = all.combine(random.nextBoolean() ? each : each.asVersion0());
        }
        Transaction transaction = Psbt.parse(all.serialize().toArray()).finalizeAll().extract();
        assertThat(ScriptInterpreter.verifyAll(transaction, psbt.prevouts())).isEmpty();
    }
}
