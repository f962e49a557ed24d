/// MuSig2 and Schnorr against the bare native call (`./tutti bench musig`).
@NullMarked
package org.tutti.benchmarks.musig;

import org.jspecify.annotations.NullMarked;
