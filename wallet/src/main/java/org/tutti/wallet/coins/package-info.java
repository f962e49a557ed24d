/// The group's key and address, and the coins that verified blocks gave it.
///
/// Spec: BIP327 (KeySort, KeyAgg), BIP341 and BIP86 (output key without a script tree). Start
/// reading at [org.tutti.wallet.coins.GroupWallet], then [org.tutti.wallet.coins.UtxoStore].
@NullMarked
package org.tutti.wallet.coins;

import org.jspecify.annotations.NullMarked;
