package org.tutti.bitcoin.block;

import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.Transaction;

import java.util.List;

/// Proof that a transaction is in a block, shown with the siblings on its way to the Merkle root
/// (paper, section 8).
///
/// @param index the transaction's place in the block, 0 is the coinbase
/// @param transactionCount how many transactions the block has; fixes how long the branch must be
/// @param branch siblings from the leaf up
public record MerkleProof(int index, int transactionCount, List<MerkleNode> branch) {
    /// A transaction of this length can be read as an inner node of the tree: whoever mines it can
    /// "prove" transactions that do not exist. None is accepted.
    public static final int FORBIDDEN_LENGTH = 64;

    /// What became of a check.
    public enum Verdict {
        /// The transaction is in the block with that root.
        PROVEN,
        /// The transaction has 64 bytes without witness, as an inner node has.
        SIXTY_FOUR_BYTES,
        /// The branch is not as long as a tree of that many transactions is high.
        WRONG_DEPTH,
        /// The block has no such place.
        WRONG_INDEX,
        /// A sibling repeats the node where only the end of an odd row may, or does not where it
        /// must (CVE-2012-2459).
        REPEATED_NODE,
        /// The branch leads to another root.
        OTHER_ROOT
    }

    public MerkleProof {
        branch = List.copyOf(branch);
    }

    /// The proof for one of a block's transactions.
    ///
    /// @param txids of all transactions of the block in their order
    public static MerkleProof of(List<Txid> txids, int index) {
        return new MerkleProof(
                index, txids.size(), MerkleTree.branch(MerkleTree.leaves(txids), index));
    }

    /// Checks the proof for a whole transaction: the only form that is safe against 64-byte
    /// forgeries.
    public Verdict check(Transaction transaction, MerkleNode merkleRoot) {
        if (transaction.serializeWithoutWitness().length() == FORBIDDEN_LENGTH) {
            return Verdict.SIXTY_FOUR_BYTES;
        }
        return check(transaction.txid(), merkleRoot);
    }

    /// Checks the branch alone, for a txid whose transaction the caller has checked not to have 64
    /// bytes.
    public Verdict check(Txid txid, MerkleNode merkleRoot) {
        if (transactionCount < 1 || index < 0 || index >= transactionCount) {
            return Verdict.WRONG_INDEX;
        }
        if (branch.size() != MerkleTree.depth(transactionCount)) {
            return Verdict.WRONG_DEPTH;
        }
        MerkleNode node = MerkleNode.leaf(txid);
        int at = index;
        int rowSize = transactionCount;
        for (MerkleNode sibling : branch) {
            boolean pairedWithItself = at == rowSize - 1 && (at & 1) == 0;
            if (sibling.equals(node) != pairedWithItself) {
                return Verdict.REPEATED_NODE;
            }
            node =
                    (at & 1) == 0
                            ? MerkleNode.parent(node, sibling)
                            : MerkleNode.parent(sibling, node);
            at >>= 1;
            rowSize = (rowSize + 1) / 2;
        }
        return node.equals(merkleRoot) ? Verdict.PROVEN : Verdict.OTHER_ROOT;
    }
}
