/// The chain of block headers: forks, work, and the rules a header must keep.
///
/// A pure engine without clock or socket. Spec: Bitcoin Core `ContextualCheckBlockHeader`,
/// `GetMedianTimePast`, `GetBlockProof`. Only regtest so far, whose difficulty never moves.
///
/// Start reading at [HeaderChain][org.tutti.lightclient.headers.HeaderChain].
@NullMarked
package org.tutti.lightclient.headers;

import org.jspecify.annotations.NullMarked;
