/// GossipSub as a pure state machine (libp2p/specs pubsub/gossipsub: v1.0, v1.1, v1.2). Start
/// reading at `GossipSubEngine`; `PeerScoring` is the score, `MessageCache` what can be asked for.
@NullMarked
package org.tutti.libp2p.internal.pubsub.gossipsub;

import org.jspecify.annotations.NullMarked;
