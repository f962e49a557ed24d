/// What a protocol looks like to a host: `NetworkBehaviour` names the protocols it answers and
/// hears of connections. Each protocol has a package of its own, and none imports another.
@NullMarked
package org.tutti.libp2p.behaviour;

import org.jspecify.annotations.NullMarked;
