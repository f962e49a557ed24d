/// Addresses that name every protocol on the way to a peer (multiformats/multiaddr). Start reading
/// at `Multiaddr`.
@NullMarked
package org.tutti.libp2p.multiaddr;

import org.jspecify.annotations.NullMarked;
