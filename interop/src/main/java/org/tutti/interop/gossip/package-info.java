/// A node of libp2p's GossipSub interop tests, as their page for implementers specifies it. Start
/// reading at `GossipNode`.
@NullMarked
package org.tutti.interop.gossip;

import org.jspecify.annotations.NullMarked;
