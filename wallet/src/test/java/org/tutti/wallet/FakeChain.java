package org.tutti.wallet;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleTree;
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
import org.tutti.wallet.coins.UtxoEvent;
import org.tutti.wallet.coins.UtxoStore;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Blocks that link and have true Merkle roots, without any work in them; fed to a coin store.
public final class FakeChain {
    public static final int FIRST_HEIGHT = 1;

    private final Deque<Block> blocks = new ArrayDeque<>();
    private final UtxoStore utxos;
    private int unique;

    public FakeChain(UtxoStore utxos) {
        this.utxos = utxos;
    }

    public int height() {
        return blocks.size() + FIRST_HEIGHT - 1;
    }

    /// A block with these transactions behind a coinbase that pays nobody we know.
    public List<UtxoEvent> mine(Transaction... transactions) {
        return mineTo(Script.fromHex("51"), transactions);
    }

    public List<UtxoEvent> mineTo(Script minerScript, Transaction... transactions) {
        Block block = block(minerScript, transactions);
        blocks.addLast(block);
        return utxos.connect(height(), block);
    }

    public Block block(Script minerScript, Transaction... transactions) {
        List<Transaction> all = new ArrayList<>();
        all.add(coinbase(minerScript));
        all.addAll(List.of(transactions));
        MerkleNode root = MerkleTree.rootOf(all.stream().map(Transaction::txid).toList()).hash();
        BlockHash previous = blocks.isEmpty() ? BlockHash.ZERO : blocks.getLast().hash();
        return new Block(new BlockHeader(4, previous, root, unique, 0x207fffffL, 0), all);
    }

    public void mineEmpty(int count) {
        for (int i = 0; i < count; i++) {
            mine();
        }
    }

    /// The last block leaves the chain.
    public List<UtxoEvent> disconnect() {
        int height = height();
        Block gone = blocks.removeLast();
        return utxos.disconnect(height, gone.header().previous());
    }

    public Block last() {
        return blocks.getLast();
    }

    private Transaction coinbase(Script script) {
        TxIn input =
                new TxIn(
                        OutPoint.COINBASE,
                        Script.of(
                                Bytes.wrap(new byte[] {2, (byte) (unique >> 8), (byte) unique++})),
                        Sequence.FINAL,
                        List.of());
        return new Transaction(
                1,
                List.of(input),
                List.of(new TxOut(Sat.of(5_000_000_000L), script)),
                LockTime.NONE);
    }

    /// A transaction from nowhere that pays these amounts to a script.
    public Transaction pay(Script script, long... amounts) {
        List<TxOut> outputs = new ArrayList<>();
        for (long amount : amounts) {
            outputs.add(new TxOut(Sat.of(amount), script));
        }
        Txid nowhere = Txid.hashOf(new byte[] {9, (byte) (unique >> 8), (byte) unique++});
        return new Transaction(
                2,
                List.of(TxIn.unsigned(new OutPoint(nowhere, 0), Sequence.ZERO)),
                outputs,
                LockTime.NONE);
    }

    /// Spends coins without any signature: the store believes blocks.
    public static Transaction spend(List<OutPoint> utxos, TxOut... outputs) {
        return new Transaction(
                2,
                utxos.stream().map(utxo -> TxIn.unsigned(utxo, Sequence.REPLACEABLE)).toList(),
                List.of(outputs),
                LockTime.NONE);
    }
}
