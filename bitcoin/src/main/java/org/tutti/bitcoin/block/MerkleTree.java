package org.tutti.bitcoin.block;

import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Bitcoin's Merkle tree over transaction ids: the last node of an odd row is paired with itself.
///
/// That pairing makes lists with a repeated tail share a root with the list they came from
/// (CVE-2012-2459). A list in which two *different positions* of one row pair up equal is therefore
/// called mutated, and no list of distinct transactions is.
public final class MerkleTree {
    private MerkleTree() {}

    /// A root, and whether the list it came from repeats nodes as CVE-2012-2459 does.
    public record Root(MerkleNode hash, boolean mutated) {}

    /// The root that the header of a block with these transactions names.
    ///
    /// @throws IllegalArgumentException if there are none
    public static Root rootOf(List<Txid> txids) {
        return root(leaves(txids));
    }

    static List<MerkleNode> leaves(List<Txid> txids) {
        List<MerkleNode> leaves = new ArrayList<>(txids.size());
        txids.forEach(txid -> leaves.add(MerkleNode.leaf(txid)));
        return leaves;
    }

    /// @throws IllegalArgumentException if there are no leaves
    public static Root root(List<MerkleNode> leaves) {
        List<MerkleNode> row = requireLeaves(leaves);
        boolean mutated = false;
        while (row.size() > 1) {
            for (int i = 0; i + 1 < row.size(); i += 2) {
                mutated |= row.get(i).equals(row.get(i + 1));
            }
            row = above(row);
        }
        return new Root(row.getFirst(), mutated);
    }

    /// The siblings on the way from leaf `index` to the root, lowest first.
    ///
    /// @throws IndexOutOfBoundsException if there is no such leaf
    public static List<MerkleNode> branch(List<MerkleNode> leaves, int index) {
        List<MerkleNode> row = requireLeaves(leaves);
        List<MerkleNode> branch = new ArrayList<>();
        int at = Objects.checkIndex(index, leaves.size());
        while (row.size() > 1) {
            branch.add(row.get(Math.min(at ^ 1, row.size() - 1)));
            row = above(row);
            at >>= 1;
        }
        return List.copyOf(branch);
    }

    /// How many rows are above the leaves.
    ///
    /// @param leaves at least 1
    public static int depth(int leaves) {
        if (leaves < 1) {
            throw new IllegalArgumentException("a tree of " + leaves + " leaves");
        }
        return 32 - Integer.numberOfLeadingZeros(leaves - 1);
    }

    /// The row above another: half as many nodes, rounded up.
    public static List<MerkleNode> above(List<MerkleNode> row) {
        List<MerkleNode> above = new ArrayList<>((row.size() + 1) / 2);
        for (int i = 0; i < row.size(); i += 2) {
            above.add(MerkleNode.parent(row.get(i), row.get(Math.min(i + 1, row.size() - 1))));
        }
        return above;
    }

    private static List<MerkleNode> requireLeaves(List<MerkleNode> leaves) {
        if (leaves.isEmpty()) {
            throw new IllegalArgumentException("a Merkle tree needs a leaf");
        }
        return leaves;
    }
}
