/// BIP341's keys and trees: leaf and branch hashes, the tweak that commits a key to a tree, the
/// output key.
///
/// Start reading at [TapTweak], then [TapTree].
@NullMarked
package org.tutti.musig.taproot;

import org.jspecify.annotations.NullMarked;
