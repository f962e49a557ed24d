/// FloodSub (`/floodsub/1.0.0`): every message to every peer of its topic. Start reading at
/// `FloodSub`.
@NullMarked
package org.tutti.libp2p.pubsub.floodsub;

import org.jspecify.annotations.NullMarked;
