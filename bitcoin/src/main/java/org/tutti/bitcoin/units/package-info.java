/// Money, fee rates and weight as types, so that no bare `long` crosses a public signature.
///
/// Spec: BIP141 (weight), Bitcoin Core `amount.h` (`MAX_MONEY`). Start reading at
/// [org.tutti.bitcoin.units.Sat].
@NullMarked
package org.tutti.bitcoin.units;

import org.jspecify.annotations.NullMarked;
