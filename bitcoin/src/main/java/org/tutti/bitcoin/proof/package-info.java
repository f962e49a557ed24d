/// Proofs that a transaction is in a block, as they come from others: Bitcoin Core's
/// `gettxoutproof`.
///
/// Spec: BIP37 (merkleblock). Start reading at [org.tutti.bitcoin.proof.MerkleBlock].
@NullMarked
package org.tutti.bitcoin.proof;

import org.jspecify.annotations.NullMarked;
