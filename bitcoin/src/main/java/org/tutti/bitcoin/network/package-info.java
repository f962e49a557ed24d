/// What differs between mainnet, the test networks, signets and regtest, as data.
///
/// Spec: Bitcoin Core `chainparams.cpp`, BIP94 (testnet4), BIP325 (signet). Start reading at
/// [org.tutti.bitcoin.network.Network].
@NullMarked
package org.tutti.bitcoin.network;

import org.jspecify.annotations.NullMarked;
