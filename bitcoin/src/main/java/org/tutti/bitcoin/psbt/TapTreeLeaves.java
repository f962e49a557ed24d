package org.tutti.bitcoin.psbt;

import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.musig.taproot.TapLeaf;
import org.tutti.musig.taproot.TapTree;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// All leaves of an output's script tree, each with its depth, in the order of a depth-first search
/// (BIP371 `PSBT_OUT_TAP_TREE`).
public record TapTreeLeaves(List<Leaf> leaves) {
    /// The most leaves that are read: a tree of leaves without script would have 350,000 in a PSBT
    /// of a megabyte, each an object here.
    public static final int MAX_LEAVES = 8192;

    /// One leaf.
    ///
    /// @param depth branches above it, 0 to [TapTree#MAX_DEPTH]
    public record Leaf(int depth, TapLeaf leaf) {}

    /// @throws IllegalArgumentException if the depths are not those of a tree, or for more than
    ///   [#MAX_LEAVES]
    public TapTreeLeaves {
        leaves = List.copyOf(leaves);
        if (leaves.size() > MAX_LEAVES || build(leaves).isEmpty()) {
            throw new IllegalArgumentException("the leaves are of no tree");
        }
    }

    /// The leaves of this tree.
    ///
    /// @throws IllegalArgumentException for a tree deeper than consensus accepts, or with too many
    ///   leaves
    public static TapTreeLeaves of(TapTree tree) {
        List<Leaf> leaves = new ArrayList<>();
        collect(tree, 0, leaves);
        return new TapTreeLeaves(leaves);
    }

    private static void collect(TapTree tree, int depth, List<Leaf> leaves) {
        if (depth > TapTree.MAX_DEPTH || leaves.size() > MAX_LEAVES) {
            throw new IllegalArgumentException("the tree is too large");
        }
        switch (tree) {
            case TapLeaf leaf -> leaves.add(new Leaf(depth, leaf));
            case TapTree.Branch(TapTree left, TapTree right) -> {
                collect(left, depth + 1, leaves);
                collect(right, depth + 1, leaves);
            }
        }
    }

    /// The tree; its hash is the Merkle root.
    public TapTree tree() {
        return build(leaves).orElseThrow();
    }

    private record Part(int depth, TapTree tree) {}

    /// BIP371: "The tuples must be in depth first search order so that the tree is correctly
    /// reconstructed." Two neighbours of one depth are the children of one branch; in any other
    /// order something is left beside the root.
    private static Optional<TapTree> build(List<Leaf> leaves) {
        Deque<Part> open = new ArrayDeque<>();
        for (Leaf leaf : leaves) {
            if (leaf.depth() < 0 || leaf.depth() > TapTree.MAX_DEPTH) {
                return Optional.empty();
            }
            Part part = new Part(leaf.depth(), leaf.leaf());
            Part left = open.peek();
            while (left != null && left.depth() == part.depth()) {
                part = new Part(part.depth() - 1, TapTree.branch(left.tree(), part.tree()));
                open.pop();
                left = open.peek();
            }
            open.push(part);
        }
        Part root = open.peek();
        return root != null && open.size() == 1 && root.depth() == 0
                ? Optional.of(root.tree())
                : Optional.empty();
    }

    static TapTreeLeaves read(WireReader in) throws DecodeException {
        List<Leaf> leaves = new ArrayList<>();
        while (in.remaining() > 0) {
            if (leaves.size() == MAX_LEAVES) {
                throw new DecodeException(
                        DecodeException.Code.TOO_LARGE, "more than " + MAX_LEAVES + " leaves");
            }
            int depth = in.u8();
            int version = in.u8();
            leaves.add(new Leaf(depth, Codecs.leaf(version, in.varBytes("a leaf's script"))));
        }
        if (build(leaves).isEmpty()) {
            throw new DecodeException(
                    DecodeException.Code.BAD_VALUE, leaves.size() + " leaves are of no tree");
        }
        return new TapTreeLeaves(leaves);
    }

    void write(WireWriter out) {
        for (Leaf leaf : leaves) {
            out.u8(leaf.depth()).u8(leaf.leaf().version()).varBytes(leaf.leaf().script());
        }
    }
}
