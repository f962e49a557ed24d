/// A small Bitcoin peer on regtest for the demo and for tests. **A fixture**: it keeps nothing but
/// its blocks, and those only in a file that it is told of, takes no blocks from others, mines when
/// told to, and is not a node to keep money on.
///
/// Towards its clients it behaves as a real one: it speaks the P2P protocol, its blocks are valid
/// under Bitcoin Core's rules, its memory pool refuses what a real one refuses.
///
/// Spec: Bitcoin Core `src/validation.cpp` (`PreChecks`, `GetBlockSubsidy`), BIP34, BIP68, BIP141,
/// BIP61. Start reading at [RegtestNode][org.tutti.regtest.RegtestNode].
@NullMarked
package org.tutti.regtest;

import org.jspecify.annotations.NullMarked;
