/// MuSig2 and Taproot on libsecp256k1. In this package is what any call of the module may throw.
@NullMarked
package org.tutti.musig;

import org.jspecify.annotations.NullMarked;
