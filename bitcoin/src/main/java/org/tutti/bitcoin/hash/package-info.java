/// The hashes by which transactions, blocks and nodes of a Merkle tree are named.
@NullMarked
package org.tutti.bitcoin.hash;

import org.jspecify.annotations.NullMarked;
