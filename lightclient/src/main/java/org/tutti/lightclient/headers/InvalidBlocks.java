package org.tutti.lightclient.headers;

import org.tutti.bitcoin.hash.BlockHash;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/// The blocks that were found, or declared, invalid: roots of branches that do not count. Owned by
/// [HeaderChain].
///
/// At most [#MAX], the oldest forgotten first. Some may not be in the tree: headers that were cut
/// off with a damaged file stay invalid when they are fetched again.
final class InvalidBlocks {
    /// Most invalid blocks remembered.
    static final int MAX = 1_000;

    private final HeaderTree tree;
    private final LinkedHashSet<BlockHash> blocks = new LinkedHashSet<>();

    /// How many of them the tree does not have.
    private int absent;

    InvalidBlocks(HeaderTree tree) {
        this.tree = tree;
    }

    void add(BlockHash block) {
        blocks.add(block);
        while (blocks.size() > MAX) {
            blocks.removeFirst();
        }
    }

    void remove(BlockHash block) {
        blocks.remove(block);
    }

    /// Whether a header that is not in the tree yet is one of them.
    boolean hasAbsent(long[] hash, int at) {
        return absent > 0 && blocks.contains(HeaderTree.blockHash(hash, at));
    }

    /// Those that a block follows, the block itself, and those that follow it.
    List<BlockHash> onOneBranchWith(BlockHash block) {
        List<BlockHash> found = new ArrayList<>();
        int position = tree.find(block);
        for (BlockHash root : blocks) {
            int at = tree.find(root);
            boolean related =
                    at >= 0
                            && position >= 0
                            && (tree.isAncestorOrSame(at, position)
                                    || tree.isAncestorOrSame(position, at));
            if (related || root.equals(block)) {
                found.add(root);
            }
        }
        return found;
    }

    /// Makes the tree know them.
    void apply() {
        int[] roots = blocks.stream().mapToInt(tree::find).filter(at -> at >= 0).sorted().toArray();
        absent = blocks.size() - roots.length;
        tree.setInvalid(roots);
    }
}
