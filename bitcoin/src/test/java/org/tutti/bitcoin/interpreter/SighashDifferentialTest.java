package org.tutti.bitcoin.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.ByteVector32;
import fr.acinq.bitcoin.Crypto;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.SigVersion;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Our Taproot signature hash against the library's, where the official vectors have no case:
/// annexes, script leaves, code separators, every hash type.
class SighashDifferentialTest {
    private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(9);

    /// One transaction in both types.
    private record Pair(
            TaprootSighash ours,
            fr.acinq.bitcoin.Transaction theirs,
            List<fr.acinq.bitcoin.TxOut> prevouts) {
        static Pair of(Transaction transaction, List<TxOut> prevouts) {
            return new Pair(
                    TaprootSighash.of(transaction, prevouts),
                    fr.acinq.bitcoin.Transaction.read(transaction.serialize().toArray()),
                    prevouts.stream()
                            .map(p ->
                                    new fr.acinq.bitcoin.TxOut(
                                            new Satoshi(p.value().value()),
                                            new ByteVector(p.scriptPubKey().bytes().toArray())))
                            .toList());
        }
    }

    @Test
    void bothHashTheSameForRandomTransactions() {
        int compared = 0;
        for (int round = 0; round < 400; round++) {
            Transaction transaction = transaction();
            int inputs = transaction.inputs().size();
            Pair pair = Pair.of(transaction, outputs(inputs));
            int index = random.nextInt(inputs);
            Optional<Bytes> annex =
                    random.nextBoolean()
                            ? Optional.of(Bytes.concat(Bytes.fromHex("50"), upTo(300)))
                            : Optional.empty();
            for (SighashType type : SighashType.values()) {
                boolean single = (type.value() & 3) == 3;
                if (!single || index < transaction.outputs().size()) {
                    compareKeyPath(pair, index, type, annex);
                    compareScriptPath(pair, index, type, annex);
                    compared++;
                }
            }
        }
        assertThat(compared).isGreaterThan(2_000);
    }

    @Test
    void bothWriteAndNameRandomTransactionsTheSame() throws Exception {
        for (int round = 0; round < 400; round++) {
            Transaction transaction = transaction();
            for (int i = 0; i < transaction.inputs().size(); i++) {
                List<Bytes> witness = new ArrayList<>();
                for (int item = random.nextInt(4); item > 0; item--) {
                    witness.add(upTo(300));
                }
                transaction = transaction.withWitness(i, witness);
            }
            byte[] written = transaction.serialize().toArray();
            var theirs = fr.acinq.bitcoin.Transaction.read(written);
            assertThat(fr.acinq.bitcoin.Transaction.write(theirs)).isEqualTo(written);
            assertThat(theirs.txid.toString()).isEqualTo(transaction.txid().toString());
            assertThat(Crypto.hash256(written)).isEqualTo(transaction.wtxid().bytes().toArray());
            assertThat((long) theirs.weight()).isEqualTo(transaction.weight().units());
            assertThat(Transaction.parse(Bytes.of(written))).isEqualTo(transaction);
        }
    }

    /// We read only what comes back as the same bytes, and the library gives it the same name.
    @Test
    void transactionsWithOneBitChangedAreRefusedOrNamedTheSame() {
        int read = 0;
        for (int round = 0; round < 2_000; round++) {
            byte[] bytes = transaction().withWitness(0, List.of(upTo(40))).serialize().toArray();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            Transaction ours;
            try {
                ours = Transaction.parse(Bytes.of(bytes));
            } catch (DecodeException refused) {
                continue;
            }
            read++;
            assertThat(ours.serialize().toArray()).isEqualTo(bytes);
            assertThat(fr.acinq.bitcoin.Transaction.read(bytes).txid.toString())
                    .isEqualTo(ours.txid().toString());
        }
        assertThat(read).isGreaterThan(200);
    }

    private static void compareKeyPath(
            Pair pair, int index, SighashType type, Optional<Bytes> annex) {
        ByteVector32 theirs =
                pair.theirs()
                        .hashForSigningSchnorr(
                                index,
                                pair.prevouts(),
                                type.value(),
                                SigVersion.SIGVERSION_TAPROOT,
                                null,
                                annex.map(a -> new ByteVector(a.toArray())).orElse(null),
                                null);
        assertThat(pair.ours().keyPath(index, type, annex).toArray())
                .isEqualTo(theirs.toByteArray());
    }

    private void compareScriptPath(Pair pair, int index, SighashType type, Optional<Bytes> annex) {
        Bytes leaf = exactly(32);
        long separator =
                random.nextBoolean() ? TaprootSighash.NO_CODE_SEPARATOR : random.nextInt(1_000);
        ByteVector32 theirs =
                pair.theirs()
                        .hashForSigningSchnorr(
                                index,
                                pair.prevouts(),
                                type.value(),
                                SigVersion.SIGVERSION_TAPSCRIPT,
                                new ByteVector32(leaf.toArray()),
                                annex.map(a -> new ByteVector(a.toArray())).orElse(null),
                                separator);
        assertThat(pair.ours().scriptPath(index, type, annex, leaf, separator).toArray())
                .isEqualTo(theirs.toByteArray());
    }

    private Transaction transaction() {
        List<TxIn> inputs = new ArrayList<>();
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            OutPoint outPoint = new OutPoint(Txid.of(exactly(32)), random.nextInt() & 0xffff_ffffL);
            inputs.add(TxIn.unsigned(outPoint, Sequence.of(random.nextInt() & 0xffff_ffffL)));
        }
        return new Transaction(
                random.nextInt(),
                inputs,
                outputs(random.nextInt(1, 5)),
                LockTime.of(random.nextInt() >>> 1));
    }

    private List<TxOut> outputs(int count) {
        List<TxOut> outputs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            outputs.add(new TxOut(Sat.of(random.nextLong(Sat.MAX_VALUE)), Script.of(upTo(60))));
        }
        return outputs;
    }

    private Bytes upTo(int most) {
        return exactly(random.nextInt(most));
    }

    private Bytes exactly(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }
}
