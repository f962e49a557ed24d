package org.tutti.bitcoin.proof;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleTree;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.Transaction;

import java.util.Optional;

/// Somebody's claim that a transaction is in a block, with all that is needed to check it but the
/// block's header.
///
/// The header comes from one's own chain, never from the proof; so does how deep the block is, and
/// whether it counts at all. The transaction is whole, because its length decides: one of 64 bytes
/// proves nothing. The branch must be as long as the tree is high, which [DepthEvidence] shows; a
/// coinbase shows it by itself.
///
/// @param block whose root the branch leads to
/// @param transaction with or without its witness, of which nothing is proven
/// @param depth absent where the prover gave none: then nothing is proven of any transaction but
///   the coinbase
public record InclusionProof(
        BlockHash block,
        Transaction transaction,
        MerkleBranch branch,
        Optional<DepthEvidence> depth) {
    /// Bytes of two hashes: of an inner node.
    private static final int NODE_BYTES = 2 * MerkleNode.LENGTH;

    /// The proof for one of a block's transactions, with the coinbase as evidence.
    ///
    /// @throws IndexOutOfBoundsException if there is no such transaction
    public static InclusionProof of(Block block, int index) {
        MerkleBranch branch = MerkleBranch.of(block.txids(), index);
        Transaction coinbase = block.transactions().getFirst();
        DepthEvidence evidence =
                new DepthEvidence.Coinbase(coinbase, MerkleBranch.of(block.txids(), 0).siblings());
        return new InclusionProof(
                block.hash(), block.transactions().get(index), branch, Optional.of(evidence));
    }

    /// The proof for a transaction of a partial tree. How many transactions the tree's sender says
    /// the block has is forgotten: only the branch remains, to be held against evidence.
    ///
    /// @throws ProofException if the tree is broken, or says nothing of the transaction
    public static InclusionProof of(MerkleBlock tree, Transaction transaction)
            throws ProofException {
        return new InclusionProof(
                tree.header().hash(),
                transaction,
                tree.branch(transaction.txid()),
                Optional.empty());
    }

    /// The same claim with evidence of the tree's depth.
    public InclusionProof withDepth(DepthEvidence evidence) {
        return new InclusionProof(block, transaction, branch, Optional.of(evidence));
    }

    /// What the proof shows of the block with this header.
    ///
    /// @param header from one's own chain
    public Inclusion check(BlockHeader header) {
        try {
            return proven(header);
        } catch (ProofException e) {
            return new Inclusion.Refused(e.fault(), String.valueOf(e.getMessage()));
        }
    }

    private Inclusion proven(BlockHeader header) throws ProofException {
        if (!header.hash().equals(block)) {
            throw new ProofException(
                    ProofFault.OTHER_BLOCK, "the proof is of block %s".formatted(block));
        }
        if (isAsLongAsANode(transaction)) {
            throw new ProofException(
                    ProofFault.SIXTY_FOUR_BYTES, "a transaction of 64 bytes proves nothing");
        }
        Txid txid = transaction.txid();
        if (!branch.root(txid).equals(header.merkleRoot())) {
            throw new ProofException(
                    ProofFault.OTHER_ROOT, "the branch leads to another root than the block's");
        }
        requireFirstIsCoinbase();
        if (depth.isPresent()) {
            requireDepth(treeDepth(header, depth.get()));
        } else if (!transaction.isCoinbase()) {
            return new Inclusion.LeafUnauthenticated(txid);
        }
        return new Inclusion.Proven(txid, branch.index(), branch.depth());
    }

    private static boolean isAsLongAsANode(Transaction transaction) {
        return transaction.serializeWithoutWitness().length() == NODE_BYTES;
    }

    private void requireFirstIsCoinbase() throws ProofException {
        boolean isFirst = branch.index() == 0;
        if (transaction.isCoinbase() && !isFirst) {
            throw new ProofException(
                    ProofFault.COINBASE_NOT_FIRST,
                    "a coinbase at place %d".formatted(branch.index()));
        }
        if (isFirst && !transaction.isCoinbase()) {
            throw new ProofException(
                    ProofFault.FIRST_IS_NO_COINBASE, "the first transaction is no coinbase");
        }
    }

    private void requireDepth(int rows) throws ProofException {
        if (rows != branch.depth()) {
            throw new ProofException(
                    ProofFault.OTHER_DEPTH,
                    "the branch has %d siblings, the block's tree %d rows"
                            .formatted(branch.depth(), rows));
        }
    }

    private static int treeDepth(BlockHeader header, DepthEvidence evidence) throws ProofException {
        return switch (evidence) {
            case DepthEvidence.Coinbase coinbase -> treeDepth(header, coinbase);
            case DepthEvidence.WholeBlock(Block whole) -> treeDepth(header, whole);
        };
    }

    private static int treeDepth(BlockHeader header, DepthEvidence.Coinbase evidence)
            throws ProofException {
        if (!evidence.transaction().isCoinbase()) {
            throw new ProofException(
                    ProofFault.NOT_A_COINBASE, "what is given as the coinbase spends something");
        }
        if (isAsLongAsANode(evidence.transaction())) {
            throw new ProofException(
                    ProofFault.COINBASE_SIXTY_FOUR_BYTES, "a coinbase of 64 bytes proves nothing");
        }
        MerkleBranch way = new MerkleBranch(0, evidence.siblings());
        if (!leadsTo(header.merkleRoot(), way, evidence.transaction().txid())) {
            throw new ProofException(
                    ProofFault.COINBASE_NOT_IN_BLOCK,
                    "the coinbase's branch does not lead to the block's root");
        }
        return way.depth();
    }

    private static boolean leadsTo(MerkleNode root, MerkleBranch branch, Txid txid) {
        try {
            return branch.root(txid).equals(root);
        } catch (ProofException _) {
            return false;
        }
    }

    private static int treeDepth(BlockHeader header, Block whole) throws ProofException {
        boolean fits =
                whole.header().equals(header)
                        && !whole.transactions().isEmpty()
                        && whole.transactions().getFirst().isCoinbase();
        MerkleTree.Root root = fits ? MerkleTree.rootOf(whole.txids()) : null;
        if (root == null || root.mutated() || !root.hash().equals(header.merkleRoot())) {
            throw new ProofException(
                    ProofFault.NOT_THE_BLOCK,
                    "what is given as the block is another one, or not all of it");
        }
        return MerkleTree.depth(whole.transactions().size());
    }
}
