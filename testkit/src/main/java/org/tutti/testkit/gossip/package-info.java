/// Publish/subscribe among thousands on a simulated network: the real GossipSub engine, and
/// attackers. Start at [org.tutti.testkit.gossip.GossipNetwork].
@NullMarked
package org.tutti.testkit.gossip;

import org.jspecify.annotations.NullMarked;
