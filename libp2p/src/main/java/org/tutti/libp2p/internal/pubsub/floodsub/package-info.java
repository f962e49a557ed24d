/// FloodSub as a pure state machine: every message to every peer of its topic.
@NullMarked
package org.tutti.libp2p.internal.pubsub.floodsub;

import org.jspecify.annotations.NullMarked;
