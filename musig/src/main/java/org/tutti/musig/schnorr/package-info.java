/// BIP340: Schnorr signatures over secp256k1, and the tagged hashes that BIP340, BIP341 and BIP327
/// are made of.
///
/// Start reading at [Schnorr].
@NullMarked
package org.tutti.musig.schnorr;

import org.jspecify.annotations.NullMarked;
