package org.tutti.regtest;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.lightclient.wire.P2pMessage;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The blocks of the fixture and its unspent outputs. Only blocks that [Miner] made come in, so
/// they are not checked again. Not thread-safe: [RegtestNode] guards it.
final class Chain {
    /// Most blocks, stale ones included: all are held in memory.
    static final int MAX_BLOCKS = 100_000;

    private record Undo(Map<OutPoint, Utxo> spent) {}

    private final int maxBlocks;
    private final List<Block> best = new ArrayList<>();
    private final List<BlockHash> hashes = new ArrayList<>();
    private final List<Undo> undo = new ArrayList<>();
    private final Map<BlockHash, Block> all = new HashMap<>();
    private final Map<BlockHash, Integer> heights = new HashMap<>();
    private final Map<OutPoint, Utxo> utxos = new HashMap<>();

    Chain() {
        this(MAX_BLOCKS);
    }

    Chain(int maxBlocks) {
        this.maxBlocks = maxBlocks;
        // The output of genesis cannot be spent, so it is not kept.
        append(Network.REGTEST.genesis(), new Undo(Map.of()));
    }

    int height() {
        return best.size() - 1;
    }

    BlockHash tip() {
        return hashes.getLast();
    }

    Block at(int height) {
        return best.get(height);
    }

    Optional<Utxo> utxo(OutPoint outPoint) {
        return Optional.ofNullable(utxos.get(outPoint));
    }

    /// Any block we ever had, on the best chain or not.
    Optional<Block> block(BlockHash hash) {
        return Optional.ofNullable(all.get(hash));
    }

    /// @throws IllegalStateException if the fixture is full
    void connect(Block block) {
        if (all.size() >= maxBlocks) {
            throw new IllegalStateException("the fixture holds at most " + maxBlocks + " blocks");
        }
        int height = best.size();
        Map<OutPoint, Utxo> spent = new HashMap<>();
        for (Transaction transaction : block.transactions()) {
            if (!transaction.isCoinbase()) {
                for (TxIn input : transaction.inputs()) {
                    Utxo utxo = utxos.remove(input.outPoint());
                    if (utxo == null) {
                        throw new IllegalStateException(
                                "mined a spend of nothing: " + input.outPoint());
                    }
                    spent.put(input.outPoint(), utxo);
                }
            }
            Txid txid = transaction.txid();
            for (int i = 0; i < transaction.outputs().size(); i++) {
                Utxo utxo =
                        new Utxo(transaction.outputs().get(i), height, transaction.isCoinbase());
                utxos.put(new OutPoint(txid, i), utxo);
            }
        }
        append(block, new Undo(spent));
    }

    private void append(Block block, Undo spent) {
        BlockHash hash = block.hash();
        heights.put(hash, best.size());
        all.put(hash, block);
        best.add(block);
        hashes.add(hash);
        undo.add(spent);
    }

    /// Takes the tip off the best chain; its outputs are as before it.
    ///
    /// @throws IllegalStateException at genesis
    Block disconnect() {
        if (height() == 0) {
            throw new IllegalStateException("genesis stays");
        }
        Block block = best.removeLast();
        heights.remove(hashes.removeLast());
        for (Transaction transaction : block.transactions()) {
            Txid txid = transaction.txid();
            for (int i = 0; i < transaction.outputs().size(); i++) {
                utxos.remove(new OutPoint(txid, i));
            }
        }
        // A coin made and spent in this very block comes back by the undo: it was not there before.
        Map<OutPoint, Utxo> spent = undo.removeLast().spent();
        spent.forEach((outPoint, utxo) -> {
            if (utxo.height() <= height()) {
                utxos.put(outPoint, utxo);
            }
        });
        return block;
    }

    /// The median time of a block and the ten under it, in seconds since 1970.
    long medianTime(int height) {
        long[] times = new long[Math.min(11, height + 1)];
        for (int i = 0; i < times.length; i++) {
            times[i] = best.get(height - i).header().time();
        }
        Arrays.sort(times);
        return times[times.length / 2];
    }

    /// A time that the next block may carry: now, or just above the median.
    long nextTime(Instant now) {
        return Math.max(now.getEpochSecond(), medianTime(height()) + 1);
    }

    /// What follows the first known hash of the locator: the answer to `getheaders`.
    List<BlockHeader> after(List<BlockHash> locator, BlockHash stop) {
        int from = 0;
        for (BlockHash hash : locator) {
            Integer height = heights.get(hash);
            if (height != null) {
                from = height;
                break;
            }
        }
        List<BlockHeader> headers = new ArrayList<>();
        for (int height = from + 1;
                height < best.size() && headers.size() < P2pMessage.MAX_HEADERS;
                height++) {
            headers.add(best.get(height).header());
            if (hashes.get(height).equals(stop)) {
                break;
            }
        }
        return headers;
    }
}
