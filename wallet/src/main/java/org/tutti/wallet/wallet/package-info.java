/// The group's key and address, and the coins that verified blocks gave it.
///
/// Spec: BIP327 (KeySort, KeyAgg), BIP341 and BIP86 (output key without a script tree). Start
/// reading at [org.tutti.wallet.wallet.GroupWallet], then [org.tutti.wallet.wallet.CoinStore].
@NullMarked
package org.tutti.wallet.wallet;

import org.jspecify.annotations.NullMarked;
