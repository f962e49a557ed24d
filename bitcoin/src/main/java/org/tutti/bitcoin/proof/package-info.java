/// Proofs that a transaction is in a block, as they come from others: a branch of the Merkle tree,
/// or what Bitcoin Core's `gettxoutproof` returns, with what shows that it begins at a transaction.
///
/// Spec: the Bitcoin paper, section 8 (simplified verification), BIP37 (merkleblock); the forgeries
/// that are known: CVE-2012-2459 (repeated lists) and CVE-2017-12842 (transactions of 64 bytes).
/// `docs/proofs.md` says what is proven and what is not. Start reading at
/// [org.tutti.bitcoin.proof.InclusionProof].
@NullMarked
package org.tutti.bitcoin.proof;

import org.jspecify.annotations.NullMarked;
