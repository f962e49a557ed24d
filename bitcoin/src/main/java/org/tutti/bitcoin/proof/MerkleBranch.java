package org.tutti.bitcoin.proof;

import org.tutti.bitcoin.block.MerkleTree;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;

import java.util.List;

/// The siblings on the way from a leaf to a Merkle root, where nobody vouches for how many leaves
/// the tree has: what Electrum servers call `merkle` and `pos`.
///
/// By itself it shows that the root depends on a hash, not that the hash is a leaf: the hash may be
/// an inner node, or may be inside a transaction that looks like one. [InclusionProof] adds what is
/// missing. Whoever has all transactions of a block uses
/// [MerkleProof][org.tutti.bitcoin.block.MerkleProof].
///
/// @param index the leaf's place, 0 is the coinbase; a claim, like the rest
/// @param siblings from the leaf up
public record MerkleBranch(int index, List<MerkleNode> siblings) {
    /// Most siblings: the rows of the tree over [MerkleBlock#MAX_TRANSACTIONS].
    public static final int MAX_DEPTH = MerkleTree.depth(MerkleBlock.MAX_TRANSACTIONS);

    public MerkleBranch {
        siblings = List.copyOf(siblings);
    }

    /// The branch of one of a block's transactions.
    ///
    /// @param txids of all transactions of the block in their order
    /// @throws IndexOutOfBoundsException if there is no such transaction
    public static MerkleBranch of(List<Txid> txids, int index) {
        return new MerkleBranch(
                index, MerkleTree.branch(txids.stream().map(MerkleNode::leaf).toList(), index));
    }

    /// How many rows the tree has above its leaves, if the branch begins at a leaf.
    public int depth() {
        return siblings.size();
    }

    /// The root that the branch leads to.
    ///
    /// The last node of an odd row is its own sibling. From there up the way stays at the ends of
    /// the rows, so each left node is its own sibling again, and below the root there are two
    /// nodes. What breaks this stands in no block, and is refused even where the root fits: a list
    /// that repeats its tail has the root of the list without (CVE-2012-2459).
    ///
    /// @throws ProofException if no tree has such a branch
    public MerkleNode root(Txid txid) throws ProofException {
        if (depth() > MAX_DEPTH) {
            throw new ProofException(
                    ProofFault.BRANCH_TOO_LONG,
                    "%d siblings, at most %d".formatted(depth(), MAX_DEPTH));
        }
        if (index < 0 || index >>> depth() != 0) {
            throw new ProofException(
                    ProofFault.INDEX_BEYOND_TREE,
                    "no place %d in a tree of %d rows".formatted(index, depth()));
        }
        MerkleNode node = MerkleNode.leaf(txid);
        boolean atEnd = false;
        for (int row = 0; row < depth(); row++) {
            MerkleNode sibling = siblings.get(row);
            boolean isRight = (index >>> row & 1) != 0;
            boolean repeats = sibling.equals(node);
            boolean mayRepeat = !isRight && row < depth() - 1;
            boolean mustRepeat = !isRight && atEnd;
            if (repeats ? !mayRepeat : mustRepeat) {
                throw new ProofException(
                        ProofFault.REPEATED_NODE,
                        "no block has a transaction at place %d with sibling %d as given"
                                .formatted(index, row));
            }
            atEnd |= repeats;
            node = isRight ? MerkleNode.parent(sibling, node) : MerkleNode.parent(node, sibling);
        }
        return node;
    }
}
