/// The binding to libsecp256k1 (bitcoin-core/secp256k1, `include/secp256k1*.h`) through
/// `java.lang.foreign`, and the memory of secrets. Not for users of the module.
///
/// Rules of this package: every segment's size is checked before the call; every return value is
/// checked by the caller; no byte of a peer reaches a function other than its parser before that
/// parser has accepted it; secrets live in [SecretSlots], nowhere else.
///
/// Start reading at [LibSecp256k1].
@NullMarked
package org.tutti.musig.internal.secp256k1;

import org.jspecify.annotations.NullMarked;
