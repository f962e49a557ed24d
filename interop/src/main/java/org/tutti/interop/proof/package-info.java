/// Partial Merkle trees, made and read by us and by rust-bitcoin.
///
/// Start reading at [MerkleProofComparison][org.tutti.interop.proof.MerkleProofComparison].
@NullMarked
package org.tutti.interop.proof;

import org.jspecify.annotations.NullMarked;
