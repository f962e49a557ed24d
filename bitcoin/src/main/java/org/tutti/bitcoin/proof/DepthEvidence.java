package org.tutti.bitcoin.proof;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.tx.Transaction;

import java.util.List;

/// What shows how many rows a block's Merkle tree has above its leaves. The header does not say it,
/// and a claim of how many transactions there are proves nothing.
public sealed interface DepthEvidence {

    /// The coinbase with its branch.
    ///
    /// A coinbase is recognised by the outpoint that it names: 32 zero bytes. So neither can an
    /// inner node pose as one (its bytes are hashes, 27 of which would have to be zero), nor can
    /// the true coinbase pose as an inner node above a false one (its own zeros would have to be
    /// the false one's txid). As the coinbase is the first transaction of its block, the way to it
    /// is the left edge of the tree from a leaf to the root, and as long as the tree is high.
    ///
    /// @param siblings from the leaf up
    record Coinbase(Transaction transaction, List<MerkleNode> siblings) implements DepthEvidence {
        public Coinbase {
            siblings = List.copyOf(siblings);
        }

        /// From a partial tree that the coinbase is in, as `gettxoutproof` makes one when it is
        /// asked for the coinbase and for another transaction.
        ///
        /// @throws ProofException if the tree is broken, or says nothing of the coinbase
        public static Coinbase of(MerkleBlock tree, Transaction coinbase) throws ProofException {
            MerkleBranch branch = tree.branch(coinbase.txid());
            if (branch.index() != 0) {
                throw new ProofException(
                        ProofFault.COINBASE_NOT_IN_BLOCK,
                        "at place %d, not the first".formatted(branch.index()));
            }
            return new Coinbase(coinbase, branch.siblings());
        }
    }

    /// The block with all its transactions, as it was fetched from a peer.
    record WholeBlock(Block block) implements DepthEvidence {}
}
