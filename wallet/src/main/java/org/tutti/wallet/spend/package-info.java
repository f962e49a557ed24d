/// Building a payment, putting the signatures in, and following it into a block.
///
/// Spec: BIP341 (key path witness), BIP125 (replaceable), Bitcoin Core `policy.cpp` (dust). Start
/// reading at [org.tutti.wallet.spend.PaymentBuilder].
@NullMarked
package org.tutti.wallet.spend;

import org.jspecify.annotations.NullMarked;
