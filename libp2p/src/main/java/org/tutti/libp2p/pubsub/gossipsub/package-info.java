/// GossipSub (libp2p/specs pubsub/gossipsub: v1.0, v1.1, v1.2; protocols `/meshsub/1.2.0`,
/// `/meshsub/1.1.0`, `/meshsub/1.0.0`, and `/floodsub/1.0.0` for peers that know no other). Start
/// reading at `GossipSub`.
@NullMarked
package org.tutti.libp2p.pubsub.gossipsub;

import org.jspecify.annotations.NullMarked;
