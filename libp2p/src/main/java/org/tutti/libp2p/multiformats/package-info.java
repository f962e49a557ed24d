/// Self-describing values (github.com/multiformats): unsigned varints, multibase, multihash,
/// multiaddr.
///
/// Everything here is a pure function of its input; whatever is not well formed is answered with
/// [org.tutti.libp2p.multiformats.MultiformatException]. Start reading at
/// [org.tutti.libp2p.multiformats.Multiaddr].
@NullMarked
package org.tutti.libp2p.multiformats;

import org.jspecify.annotations.NullMarked;
