package org.tutti.lightclient.headers;

import org.tutti.bitcoin.hash.BlockHash;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Which blocks of a signet were verified, and which header may be the tip because of it. Owned by
/// [HeaderChain].
///
/// Anybody can mine headers of a signet that look valid: its work is little, and what makes a block
/// valid is a signature inside the block (BIP325). So the last [#DEPTH] blocks of a chain must be
/// verified before its tip counts, and all blocks of a fork, from the header that it shares with
/// the best chain on, before the fork wins.
final class VerifiedBlocks {
    /// The last blocks of a chain that must be verified.
    static final int DEPTH = 6;

    /// Most verified blocks remembered, the oldest forgotten first: four weeks of them. A longer
    /// fork does not win.
    static final int MAX = 4_032;

    private final HeaderTree tree;
    private final BestChain best;
    private final LinkedHashMap<BlockHash, Integer> positions = new LinkedHashMap<>();

    VerifiedBlocks(HeaderTree tree, BestChain best) {
        this.tree = tree;
        this.best = best;
    }

    void add(int position) {
        positions.putLast(tree.blockHash(position), position);
        if (positions.size() > MAX) {
            positions.pollFirstEntry();
        }
    }

    /// The oldest first.
    List<BlockHash> blocks() {
        return List.copyOf(positions.keySet());
    }

    /// Forgets the headers from this position on.
    void truncate(int size) {
        positions.values().removeIf(position -> position >= size);
    }

    /// The header of most work that may be the tip: the tip, or a better one.
    int bestTip() {
        int found = best.tip();
        Work work = tree.work(found);
        for (Map.Entry<BlockHash, Integer> verified : positions.entrySet()) {
            int position = verified.getValue();
            if (!best.contains(position) && !tree.isInvalid(position)) {
                Work other = tree.work(position);
                if (other.compareTo(work) > 0 && missing(position, 1).isEmpty()) {
                    found = position;
                    work = other;
                }
            }
        }
        return found;
    }

    /// The blocks that must still be verified before this header may be the tip, the lowest first.
    ///
    /// @param most how many are wanted
    List<Integer> missing(int position, int most) {
        List<Integer> missing = new ArrayList<>();
        int height = tree.height(position);
        int fork = best.fork(position);
        int from = Math.max(height - DEPTH + 1, best.startHeight() + 1);
        if (fork != best.tip()) {
            from = Math.min(from, tree.height(fork) + 1);
        }
        // What is in the best chain counts already.
        from = Math.max(from, tree.height(fork) + 1);
        for (int at = from; at <= height && missing.size() < most; at++) {
            int needed = tree.ancestor(position, at);
            if (!positions.containsKey(tree.blockHash(needed))) {
                missing.add(needed);
            }
        }
        return missing;
    }
}
