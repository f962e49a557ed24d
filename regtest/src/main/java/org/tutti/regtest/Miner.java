package org.tutti.regtest;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockCheck;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleTree;
import org.tutti.bitcoin.block.ProofOfWork;
import org.tutti.bitcoin.hash.MerkleNode;
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
import org.tutti.bitcoin.units.Weight;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Makes blocks that Bitcoin Core would take.
final class Miner {
    /// What a first block of regtest pays, in satoshi.
    private static final long FIRST_SUBSIDY = 50_0000_0000L;

    /// Room left for header, count and coinbase.
    private static final long MAX_TRANSACTION_WEIGHT = Weight.MAX_BLOCK.units() - 4_000;

    private static final int VERSION = 0x2000_0000;

    /// Distinguishes the rewards of two blocks of one height.
    private int extraNonce;

    /// What a miner makes out of nothing at this height.
    static Sat subsidy(int height) {
        int halvings = height / Network.REGTEST.subsidyHalvingInterval();
        return Sat.of(halvings >= 64 ? 0 : FIRST_SUBSIDY >> halvings);
    }

    /// A block on top of the tip with what waits, in its order, as far as it fits.
    ///
    /// @param time see [Chain#nextTime]
    Block mine(Chain chain, Collection<Mempool.Waiting> waiting, Script rewardScript, long time) {
        int height = chain.height() + 1;
        List<Transaction> transactions = new ArrayList<>();
        Sat reward = subsidy(height);
        Weight weight = new Weight(0);
        for (Mempool.Waiting entry : waiting) {
            weight = weight.plus(entry.transaction().weight());
            if (weight.units() > MAX_TRANSACTION_WEIGHT) {
                // What follows may spend what does not fit.
                break;
            }
            transactions.add(entry.transaction());
            reward = reward.plus(entry.fee());
        }
        transactions.addFirst(coinbase(height, reward, rewardScript, transactions));
        MerkleNode root =
                MerkleTree.rootOf(transactions.stream().map(Transaction::txid).toList()).hash();
        BlockHeader header =
                new BlockHeader(
                        VERSION,
                        chain.tip(),
                        root,
                        time,
                        Network.REGTEST.difficulty().limitBits(),
                        0);
        return new Block(grind(header), transactions);
    }

    private Transaction coinbase(
            int height, Sat reward, Script rewardScript, List<Transaction> others) {
        TxIn input =
                BlockCheck.withReservedValue(
                        new TxIn(
                                OutPoint.COINBASE,
                                Script.of(
                                        Bytes.concat(
                                                BlockRules.heightPush(height), pushExtraNonce())),
                                Sequence.FINAL,
                                List.of()));
        List<Transaction> withPlaceholder = new ArrayList<>(others);
        // The commitment counts the coinbase as zero, whatever it is.
        withPlaceholder.addFirst(new Transaction(2, List.of(input), List.of(), LockTime.NONE));
        Bytes commitment = BlockCheck.commitment(withPlaceholder, input.witness().getFirst());
        List<TxOut> outputs =
                List.of(
                        new TxOut(reward, rewardScript),
                        new TxOut(Sat.ZERO, BlockCheck.commitmentScript(commitment)));
        return new Transaction(2, List.of(input), outputs, LockTime.NONE);
    }

    private Bytes pushExtraNonce() {
        int nonce = extraNonce++;
        return Bytes.wrap(
                new byte[] {
                    4,
                    (byte) nonce,
                    (byte) (nonce >>> 8),
                    (byte) (nonce >>> 16),
                    (byte) (nonce >>> 24)
                });
    }

    private static BlockHeader grind(BlockHeader start) {
        BlockHeader header = start;
        // Every second hash does on regtest.
        for (long nonce = 1; !meetsTarget(header); nonce++) {
            header = start.withNonce(nonce);
        }
        return header;
    }

    private static boolean meetsTarget(BlockHeader header) {
        return ProofOfWork.isMet(
                header.hash(), header.bits(), Network.REGTEST.difficulty().limit());
    }
}
