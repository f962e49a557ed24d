package org.tutti.lightclient.headers;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleTree;
import org.tutti.bitcoin.block.ProofOfWork;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.rules.BlockRules;
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

/// Regtest blocks for tests, mined on the spot. The same arguments make the same block.
public final class Blocks {
    /// The first bytes of every test chain's times.
    public static final long TIME = Network.REGTEST.genesis().header().time();

    private Blocks() {}

    /// `count` blocks on top of `parent`; chains of different `branch` differ.
    public static List<Block> on(Block parent, int parentHeight, int count, int branch) {
        List<Block> chain = new ArrayList<>();
        Block at = parent;
        for (int i = 1; i <= count; i++) {
            at = block(at.header(), List.of(coinbase(parentHeight + i, branch)));
            chain.add(at);
        }
        return chain;
    }

    public static List<Block> onGenesis(int count, int branch) {
        return on(Network.REGTEST.genesis(), 0, count, branch);
    }

    /// A block with these transactions, ten minutes after its parent.
    public static Block block(BlockHeader parent, List<Transaction> transactions) {
        MerkleNode root =
                MerkleTree.rootOf(transactions.stream().map(Transaction::txid).toList()).hash();
        return new Block(grind(header(parent, root, parent.time() + 600)), transactions);
    }

    public static BlockHeader header(BlockHeader parent, MerkleNode root, long time) {
        return new BlockHeader(4, parent.hash(), root, time, parent.bits(), 0);
    }

    public static BlockHeader grind(BlockHeader header) {
        return grind(header, true);
    }

    /// A header whose hash meets the target, or does not.
    public static BlockHeader grind(BlockHeader header, boolean valid) {
        BlockHeader at = header;
        for (long nonce = 1;
                valid
                        != ProofOfWork.isMet(
                                at.hash(), at.bits(), Network.REGTEST.difficulty().limit());
                nonce++) {
            at = header.withNonce(nonce);
        }
        return at;
    }

    public static Transaction coinbase(int height, int branch) {
        Bytes script =
                Bytes.concat(
                        BlockRules.heightPush(height),
                        Bytes.wrap(new byte[] {2, (byte) branch, (byte) (branch >> 8)}));
        TxIn input = new TxIn(OutPoint.COINBASE, Script.of(script), Sequence.FINAL, List.of());
        TxOut output = new TxOut(Sat.of(50_0000_0000L), Script.fromHex("51"));
        return new Transaction(2, List.of(input), List.of(output), LockTime.NONE);
    }

    /// A transaction that spends nothing real, unlike any other with another number.
    public static Transaction payment(int number) {
        TxIn input =
                TxIn.unsigned(new OutPoint(Txid.hashOf(new byte[] {1}), number), Sequence.ZERO);
        TxOut output = new TxOut(Sat.of(1_000), Script.fromHex("5120" + "11".repeat(32)));
        return new Transaction(2, List.of(input), List.of(output), LockTime.NONE);
    }

    public static List<BlockHeader> headers(List<Block> blocks) {
        return blocks.stream().map(Block::header).toList();
    }
}
