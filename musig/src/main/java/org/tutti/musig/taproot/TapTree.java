package org.tutti.musig.taproot;

import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.TaggedHash;

import java.util.ArrayList;
import java.util.List;

/// A tree of scripts (BIP341): leaves, and branches of two trees each.
public sealed interface TapTree permits TapLeaf, TapTree.Branch {
    /// The deepest leaf that consensus accepts.
    int MAX_DEPTH = 128;

    /// 32 bytes: the tree's hash, which is the Merkle root of the whole tree.
    Bytes hash();

    /// The branch above two trees.
    static TapTree branch(TapTree left, TapTree right) {
        return new Branch(left, right);
    }

    /// `hash_TapBranch` of two hashes, 32 bytes each, the smaller one first.
    static Bytes branchHash(Bytes one, Bytes other) {
        one.requireLength(32, "a tree hash");
        other.requireLength(32, "a tree hash");
        return one.compareTo(other) <= 0
                ? TaggedHash.of("TapBranch", one, other)
                : TaggedHash.of("TapBranch", other, one);
    }

    /// The Merkle root that a leaf's hash and its path lead to.
    static Bytes root(Bytes leafHash, List<Bytes> path) {
        Bytes hash = leafHash.requireLength(32, "a leaf hash");
        for (Bytes step : path) {
            hash = branchHash(hash, step);
        }
        return hash;
    }

    /// A leaf and the hashes beside its way to the root, nearest first.
    ///
    /// @param leaf the leaf
    /// @param path 32 bytes each
    record Placed(TapLeaf leaf, List<Bytes> path) {}

    /// The leaves from left to right, each with its path.
    default List<Placed> leaves() {
        return switch (this) {
            case TapLeaf leaf -> List.of(new Placed(leaf, List.of()));
            case Branch(TapTree left, TapTree right) -> {
                List<Placed> all = new ArrayList<>();
                left.leaves().forEach(placed -> all.add(below(placed, right)));
                right.leaves().forEach(placed -> all.add(below(placed, left)));
                yield List.copyOf(all);
            }
        };
    }

    private static Placed below(Placed placed, TapTree sibling) {
        List<Bytes> path = new ArrayList<>(placed.path());
        path.add(sibling.hash());
        return new Placed(placed.leaf(), List.copyOf(path));
    }

    /// Two trees under one hash.
    ///
    /// @param left one tree
    /// @param right the other; the hash does not depend on the order
    record Branch(TapTree left, TapTree right) implements TapTree {
        @Override
        public Bytes hash() {
            return branchHash(left.hash(), right.hash());
        }
    }
}
