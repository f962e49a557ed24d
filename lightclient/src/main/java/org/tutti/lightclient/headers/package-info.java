/// The chain of block headers: forks, work, and the rules a header must keep, on every network.
///
/// A pure engine without clock or socket over a store of headers. Spec: Bitcoin Core
/// `ContextualCheckBlockHeader`, `GetNextWorkRequired`, `CalculateNextWorkRequired`,
/// `GetMedianTimePast`, `GetBlockProof`, `GetAntiDoSWorkThreshold`; BIP34, BIP65, BIP66, BIP94,
/// BIP325.
///
/// [HeaderRules][org.tutti.lightclient.headers.HeaderRules] say what a header must be,
/// [HeaderTree][org.tutti.lightclient.headers.HeaderTree] where it stands, and
/// [HeaderStore][org.tutti.lightclient.headers.HeaderStore] where it lies.
///
/// Start reading at [HeaderChain][org.tutti.lightclient.headers.HeaderChain].
@NullMarked
package org.tutti.lightclient.headers;

import org.jspecify.annotations.NullMarked;
