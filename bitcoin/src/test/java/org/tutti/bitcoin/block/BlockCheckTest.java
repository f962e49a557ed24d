package org.tutti.bitcoin.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.block.BlockCheck.Fault;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class BlockCheckTest {
    private static final Script ANYONE = Script.fromHex("51");
    private static final Transaction COINBASE =
            new Transaction(
                    1,
                    List.of(TxIn.unsigned(OutPoint.COINBASE, Sequence.FINAL)),
                    List.of(new TxOut(Sat.of(50), ANYONE)),
                    LockTime.NONE);

    private static Transaction spend(int tag) {
        return new Transaction(
                2,
                List.of(TxIn.unsigned(new OutPoint(Txid.ZERO, tag), Sequence.ZERO)),
                List.of(new TxOut(Sat.of(tag), ANYONE)),
                LockTime.NONE);
    }

    /// A block whose header names the true root of what it holds.
    private static Block block(List<Transaction> transactions) {
        List<Txid> txids = transactions.stream().map(Transaction::txid).toList();
        MerkleNode root = txids.isEmpty() ? MerkleNode.ZERO : MerkleTree.rootOf(txids).hash();
        BlockHeader header = new BlockHeader(1, BlockHash.ZERO, root, 0, 0x207fffffL, 0);
        return new Block(header, transactions);
    }

    private static Optional<Fault> fault(Transaction... transactions) {
        return BlockCheck.fault(block(List.of(transactions)), true);
    }

    @Test
    void aCoinbaseComesFirstAndOnlyFirst() {
        assertThat(fault(COINBASE)).isEmpty();
        assertThat(fault()).contains(Fault.EMPTY);
        assertThat(fault(spend(1))).contains(Fault.NO_COINBASE);
        assertThat(fault(COINBASE, spend(1), COINBASE)).contains(Fault.SECOND_COINBASE);
    }

    @Test
    void anotherListOfTransactionsIsNotTheHeaders() {
        Block block = block(List.of(COINBASE, spend(1)));
        assertThat(BlockCheck.fault(new Block(block.header(), List.of(COINBASE, spend(2))), true))
                .contains(Fault.MERKLE_ROOT);
    }

    @Test
    void aRepeatedTailIsSeenAlthoughTheRootFits() {
        Block good = block(List.of(COINBASE, spend(1), spend(2)));
        List<Transaction> repeated = new ArrayList<>(good.transactions());
        repeated.add(spend(2));
        assertThat(BlockCheck.fault(good, true)).isEmpty();
        assertThat(BlockCheck.fault(new Block(good.header(), repeated), true))
                .contains(Fault.MUTATED);
    }

    @Test
    void aWitnessNeedsACommitmentThatFits() {
        Transaction signed = spend(1).withWitness(0, List.of(Bytes.fromHex("aa")));
        assertThat(fault(COINBASE, signed)).contains(Fault.UNCOMMITTED_WITNESS);

        Transaction committed = withCommitment(List.of(COINBASE, signed), Bytes.wrap(new byte[32]));
        assertThat(fault(committed, signed)).isEmpty();
        assertThat(fault(committed, signed, spend(2))).contains(Fault.WITNESS_COMMITMENT);
        assertThat(fault(committed.withWitness(0, List.of()), signed))
                .contains(Fault.WITNESS_COMMITMENT);
        assertThat(fault(committed.withWitness(0, List.of(Bytes.wrap(new byte[31]))), signed))
                .contains(Fault.WITNESS_COMMITMENT);
    }

    @Test
    void theLastCommitmentOfACoinbaseCounts() {
        Transaction signed = spend(1).withWitness(0, List.of(Bytes.fromHex("aa")));
        Transaction committed = withCommitment(List.of(COINBASE, signed), Bytes.wrap(new byte[32]));
        List<TxOut> outputs = new ArrayList<>(committed.outputs());
        outputs.add(new TxOut(Sat.ZERO, BlockCheck.commitmentScript(Bytes.wrap(new byte[32]))));
        Transaction overridden = new Transaction(1, committed.inputs(), outputs, LockTime.NONE);
        assertThat(fault(overridden, signed)).contains(Fault.WITNESS_COMMITMENT);
    }

    private static Transaction withCommitment(List<Transaction> transactions, Bytes reserved) {
        Transaction coinbase = transactions.getFirst();
        List<TxOut> outputs = new ArrayList<>(coinbase.outputs());
        outputs.add(
                new TxOut(
                        Sat.ZERO,
                        BlockCheck.commitmentScript(
                                BlockCheck.commitment(transactions, reserved))));
        TxIn input = BlockCheck.withReservedValue(coinbase.inputs().getFirst());
        return new Transaction(coinbase.version(), List.of(input), outputs, LockTime.NONE);
    }

    @Test
    void aBlockThatWeighsTooMuchIsRefused() {
        Script big = Script.of(Bytes.wrap(new byte[1_000_000]));
        Transaction heavy =
                new Transaction(
                        2, spend(1).inputs(), List.of(new TxOut(Sat.ZERO, big)), LockTime.NONE);
        assertThat(fault(COINBASE, heavy)).contains(Fault.TOO_HEAVY);
    }

    @Test
    void endlessAndBrokenBlocksAreRefusedWhileReading() {
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> Block.parse(Bytes.wrap(new byte[Block.MAX_BYTES + 1])));
        Bytes good = Bytes.of(Vectors.raw("blocks/block169482.dat"));
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> Block.parse(Bytes.concat(good, Bytes.fromHex("00"))))
                .satisfies(
                        e -> assertThat(e.code()).isEqualTo(DecodeException.Code.TRAILING_BYTES));
        for (int length = 0; length < good.length(); length += 97) {
            int cut = length;
            assertThatExceptionOfType(DecodeException.class)
                    .isThrownBy(() -> Block.parse(good.slice(0, cut)));
        }
    }
}
