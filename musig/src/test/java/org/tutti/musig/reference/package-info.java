/// BIP340 and BIP327 a second time, straight from their pseudocode in plain [java.math.BigInteger]:
/// slow, readable, and good only for tests. It runs the vectors that the native library cannot
/// express (explicit randomness, messages of other lengths, deterministic signing) and is the other
/// opinion in the differential tests.
///
/// Start reading at [org.tutti.musig.reference.Point].
@NullMarked
package org.tutti.musig.reference;

import org.jspecify.annotations.NullMarked;
