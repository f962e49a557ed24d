/// The parameters of GossipSub, as its spec names them, and named profiles of them (libp2p/specs
/// pubsub/gossipsub/gossipsub-v1.0.md, "Parameters"; gossipsub-v1.1.md, "Overview of New
/// Parameters"). Start reading at `GossipSubParameters`.
@NullMarked
package org.tutti.libp2p.pubsub.gossipsub.parameters;

import org.jspecify.annotations.NullMarked;
