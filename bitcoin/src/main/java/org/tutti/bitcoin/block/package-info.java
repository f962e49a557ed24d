/// Blocks, their headers, proof of work, and proofs that a transaction is in one. No chain: that is
/// the light client's.
///
/// Spec: the Bitcoin paper, section 7 (Merkle trees) and 8 (simplified verification), BIP37
/// (merkleblock), BIP141 (witness commitment). Start reading at
/// [org.tutti.bitcoin.block.BlockHeader].
@NullMarked
package org.tutti.bitcoin.block;

import org.jspecify.annotations.NullMarked;
