/// The hashes that name things, a type for each kind of thing: [Txid] and [Wtxid] for transactions,
/// [BlockHash] for blocks, [MerkleNode] for what connects the two.
///
/// All are 32 bytes that people write in reversed order. What they share is in [Hash256].
@NullMarked
package org.tutti.bitcoin.hash;

import org.jspecify.annotations.NullMarked;
