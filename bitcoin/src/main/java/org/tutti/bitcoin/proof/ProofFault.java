package org.tutti.bitcoin.proof;

import java.util.Locale;

/// Why a proof is refused, whatever the chain says: each reason for itself.
public enum ProofFault {
    /// The transaction has 64 bytes without witness, as the two children of an inner node have:
    /// what was hashed may be either (CVE-2017-12842).
    SIXTY_FOUR_BYTES,
    /// More siblings than the tree of the largest block has rows.
    BRANCH_TOO_LONG,
    /// A tree with so many rows has no such place.
    INDEX_BEYOND_TREE,
    /// A sibling repeats the node beside it where only the end of an odd row may, or does not where
    /// it must: the place is one that a repeated list has and the block has not (CVE-2012-2459).
    REPEATED_NODE,
    /// The branch, or the partial tree, leads to another root than the block's.
    OTHER_ROOT,
    /// A coinbase that is not the first transaction.
    COINBASE_NOT_FIRST,
    /// The first transaction is always a coinbase; this one is not.
    FIRST_IS_NO_COINBASE,
    /// The header is not that of the block that the proof names.
    OTHER_BLOCK,

    /// The partial tree needs more hashes than there are.
    HASHES_MISSING,
    /// The partial tree does not need all hashes.
    HASHES_LEFT,
    /// The partial tree needs more flags than there are.
    FLAGS_MISSING,
    /// The partial tree does not need all flags, or a bit behind the last one is set.
    FLAGS_LEFT,
    /// The partial tree says nothing of this transaction.
    NOT_IN_TREE,

    /// What is said to be the coinbase spends something.
    NOT_A_COINBASE,
    /// The coinbase has 64 bytes without witness.
    COINBASE_SIXTY_FOUR_BYTES,
    /// The coinbase's branch does not lead from the first place to the block's root.
    COINBASE_NOT_IN_BLOCK,
    /// The tree has another depth than the transaction's branch: the branch begins at an inner
    /// node, or ends below a leaf.
    OTHER_DEPTH,
    /// The whole block is another one, or its transactions are not those that its header names.
    NOT_THE_BLOCK;

    /// The reason as programs read it, such as `other-depth`.
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
