/// Addresses, in both directions.
///
/// Spec: BIP173 (bech32), BIP350 (bech32m), BIP13 and BIP16 (base58). Start reading at
/// [org.tutti.bitcoin.address.Address].
@NullMarked
package org.tutti.bitcoin.address;

import org.jspecify.annotations.NullMarked;
