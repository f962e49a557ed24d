/// Keys: secret keys in memory of our own, public keys parsed once, their order (BIP327 KeySort),
/// and the trees that grow from them (BIP32, and BIP328 for an aggregate key).
///
/// Start reading at [SecretKey] and [PublicKey], then [ExtendedKey].
@NullMarked
package org.tutti.musig.keys;

import org.jspecify.annotations.NullMarked;
