package org.tutti.regtest;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockCheck;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleTree;
import org.tutti.bitcoin.block.ProofOfWork;
import org.tutti.bitcoin.block.SerializedBlock;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireWriter;
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

/// Regtest blocks of nearly 4 MB that are millions of witness items, and whose every rule that a
/// block shows on its face holds.
final class SwellingChain {
    private static final Bytes RESERVED = Bytes.wrap(new byte[32]);

    private SwellingChain() {}

    /// Blocks on genesis.
    ///
    /// @param itemBytes length of each witness item, 0 or 1
    static List<SerializedBlock> of(int count, int itemBytes) throws DecodeException {
        int items = 3_990_000 / (1 + itemBytes);
        BlockHeader parent = Network.REGTEST.genesisHeader();
        List<SerializedBlock> blocks = new ArrayList<>();
        for (int height = 1; height <= count; height++) {
            Transaction payment = payment(height, items, itemBytes);
            Transaction coinbase = coinbase(height, payment);
            MerkleNode root = MerkleTree.rootOf(List.of(coinbase.txid(), payment.txid())).hash();
            BlockHeader header =
                    grind(
                            new BlockHeader(
                                    4, parent.hash(), root, parent.time() + 600, parent.bits(), 0));
            blocks.add(SerializedBlock.of(new Block(header, List.of(coinbase, payment))));
            parent = header;
        }
        return blocks;
    }

    private static Transaction payment(int number, int items, int itemBytes)
            throws DecodeException {
        WireWriter out = new WireWriter(4_000_000);
        out.i32(2).u8(0).u8(1).compactSize(1);
        Txid.hashOf(new byte[] {(byte) number}).write(out);
        out.u32(0).compactSize(0).u32(0);
        out.compactSize(1).i64(1_000).varBytes(Bytes.fromHex("51"));
        out.compactSize(items);
        for (int i = 0; i < items; i++) {
            out.u8(itemBytes);
            for (int j = 0; j < itemBytes; j++) {
                out.u8(i & 0xff);
            }
        }
        return Transaction.parse(out.u32(0).toBytes());
    }

    private static Transaction coinbase(int height, Transaction payment) {
        Script script =
                Script.of(Bytes.concat(BlockRules.heightPush(height), Bytes.fromHex("0101")));
        TxIn input = new TxIn(OutPoint.COINBASE, script, Sequence.FINAL, List.of());
        TxOut reward = new TxOut(Sat.of(50_0000_0000L), Script.fromHex("51"));
        Transaction bare = new Transaction(2, List.of(input), List.of(reward), LockTime.NONE);
        Bytes commitment = BlockCheck.commitment(List.of(bare, payment), RESERVED);
        TxOut committing = new TxOut(Sat.ZERO, BlockCheck.commitmentScript(commitment));
        return new Transaction(2, List.of(input), List.of(reward, committing), LockTime.NONE)
                .withWitness(0, List.of(RESERVED));
    }

    private static BlockHeader grind(BlockHeader header) {
        BlockHeader at = header;
        while (!ProofOfWork.isMet(at.hash(), at.bits(), Network.REGTEST.difficulty().limit())) {
            at = at.withNonce(at.nonce() + 1);
        }
        return at;
    }
}
