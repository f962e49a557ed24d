/// ECDSA over secp256k1, verification alone: what scripts before Taproot ask for (SEC 1). Nothing
/// here signs.
///
/// Start reading at [Ecdsa].
@NullMarked
package org.tutti.musig.ecdsa;

import org.jspecify.annotations.NullMarked;
