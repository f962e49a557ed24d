/// Publish/subscribe: what GossipSub and FloodSub have in common for their users (libp2p/specs
/// pubsub/README.md). Start reading at `Pubsub`; a host gets one from `gossipsub.GossipSub` or
/// `floodsub.FloodSub`.
@NullMarked
package org.tutti.libp2p.pubsub;

import org.jspecify.annotations.NullMarked;
