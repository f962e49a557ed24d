/// Self-describing values (github.com/multiformats): unsigned varints, multibase, multihash. Their
/// fourth, multiaddr, has a package of its own.
///
/// Everything here is a pure function of its input; whatever is not well formed is answered with
/// [org.tutti.libp2p.multiformats.MultiformatException]. Start reading at
/// [org.tutti.libp2p.multiformats.Varint].
@NullMarked
package org.tutti.libp2p.multiformats;

import org.jspecify.annotations.NullMarked;
