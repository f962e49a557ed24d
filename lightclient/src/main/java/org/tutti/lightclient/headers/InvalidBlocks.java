package org.tutti.lightclient.headers;

import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.lightclient.headers.HeaderVerdict.Rule;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// The blocks that were found invalid, or that our owner declared so: roots of branches that do not
/// count. Owned by [HeaderChain].
///
/// Of those found at most [#MAX], the oldest forgotten first: where work is cheap peers can make as
/// many as they like. What our owner declared is never forgotten because of them. Some may not be
/// in the tree: headers that were cut off with a damaged file stay invalid when they are fetched
/// again.
final class InvalidBlocks {
    /// Most blocks remembered that were found invalid.
    static final int MAX = 1_000;

    /// Most blocks that our owner can declare invalid.
    static final int MAX_DECLARED = 10_000;

    private final HeaderTree tree;
    private final LinkedHashSet<BlockHash> found = new LinkedHashSet<>();
    private final Set<BlockHash> declared = new LinkedHashSet<>();

    /// How many of them the tree does not have.
    private int absent;

    InvalidBlocks(HeaderTree tree) {
        this.tree = tree;
    }

    void add(BlockHash block) {
        found.add(block);
        while (found.size() > MAX) {
            found.removeFirst();
        }
    }

    /// @return false if there are too many already
    boolean declare(BlockHash block) {
        if (declared.size() >= MAX_DECLARED && !declared.contains(block)) {
            return false;
        }
        declared.add(block);
        return true;
    }

    void remove(BlockHash block) {
        found.remove(block);
        declared.remove(block);
    }

    /// Whether a header that is not in the tree yet is one of them.
    boolean hasAbsent(long[] hash, int at) {
        if (absent == 0) {
            return false;
        }
        BlockHash block = HeaderTree.blockHash(hash, at);
        return found.contains(block) || declared.contains(block);
    }

    /// Why a header that is not in the tree yet, and is one of them, does not count.
    Rule ruleOfAbsent(long[] hash, int at) {
        return declared.contains(HeaderTree.blockHash(hash, at))
                ? Rule.DECLARED_INVALID
                : Rule.KNOWN_INVALID;
    }

    /// Why an invalid header of the tree does not count.
    Rule rule(int position) {
        boolean isDeclared =
                declared.stream()
                        .mapToInt(tree::find)
                        .anyMatch(root -> root >= 0 && tree.isAncestorOrSame(root, position));
        return isDeclared ? Rule.DECLARED_INVALID : Rule.KNOWN_INVALID;
    }

    private Stream<BlockHash> all() {
        return Stream.concat(found.stream(), declared.stream()).distinct();
    }

    /// Those that a block follows, the block itself, and those that follow it.
    List<BlockHash> onOneBranchWith(BlockHash block) {
        List<BlockHash> roots = new ArrayList<>();
        int position = tree.find(block);
        for (BlockHash root : all().toList()) {
            int at = tree.find(root);
            boolean related =
                    at >= 0
                            && position >= 0
                            && (tree.isAncestorOrSame(at, position)
                                    || tree.isAncestorOrSame(position, at));
            if (related || root.equals(block)) {
                roots.add(root);
            }
        }
        return roots;
    }

    /// Makes the tree know them.
    void apply() {
        List<BlockHash> blocks = all().toList();
        int[] roots = blocks.stream().mapToInt(tree::find).filter(at -> at >= 0).sorted().toArray();
        absent = blocks.size() - roots.length;
        tree.setInvalid(roots);
    }
}
