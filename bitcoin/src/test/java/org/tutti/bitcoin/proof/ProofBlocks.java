package org.tutti.bitcoin.proof;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleTree;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
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

/// Blocks and transactions for proofs. The same arguments make the same ones.
final class ProofBlocks {
    private ProofBlocks() {}

    /// A coinbase and `count - 1` payments, under a header with their root and no work.
    static Block block(int count) {
        List<Transaction> transactions = new ArrayList<>();
        transactions.add(coinbase(count));
        for (int i = 1; i < count; i++) {
            transactions.add(payment(i));
        }
        return new Block(
                header(transactions.stream().map(Transaction::txid).toList()), transactions);
    }

    static BlockHeader header(List<Txid> txids) {
        return new BlockHeader(
                4, BlockHash.ZERO, MerkleTree.rootOf(txids).hash(), 1, 0x207fffffL, 0);
    }

    static Transaction coinbase(int height) {
        Bytes script = Bytes.concat(BlockRules.heightPush(height), Bytes.fromHex("020102"));
        return new Transaction(
                2,
                List.of(new TxIn(OutPoint.COINBASE, Script.of(script), Sequence.FINAL, List.of())),
                List.of(new TxOut(Sat.of(50), Script.fromHex("5120" + "22".repeat(32)))),
                LockTime.NONE);
    }

    /// A payment with a witness.
    static Transaction payment(int number) {
        TxIn input =
                new TxIn(
                        new OutPoint(Txid.hashOf(new byte[] {7}), number),
                        Script.EMPTY,
                        Sequence.ZERO,
                        List.of(Bytes.fromHex("33".repeat(64))));
        return new Transaction(
                2,
                List.of(input),
                List.of(new TxOut(Sat.of(number), Script.fromHex("5120" + "44".repeat(32)))),
                LockTime.NONE);
    }

    /// A transaction of 64 bytes, as an inner node has.
    static Transaction sixtyFourBytes() {
        return new Transaction(
                2,
                List.of(TxIn.unsigned(new OutPoint(Txid.hashOf(new byte[] {9}), 1), Sequence.ZERO)),
                List.of(new TxOut(Sat.of(5), Script.fromHex("51515151"))),
                LockTime.NONE);
    }

    /// The two children that the bytes of a transaction of 64 would be.
    static List<MerkleNode> children(Transaction sixtyFourBytes) {
        Bytes bytes = sixtyFourBytes.serializeWithoutWitness().requireLength(64, "transaction");
        return List.of(MerkleNode.of(bytes.slice(0, 32)), MerkleNode.of(bytes.slice(32, 64)));
    }

    static Txid txid(MerkleNode node) {
        return Txid.of(node.bytes());
    }
}
