/// What is held against peers, by all protocols of a host together. Start at
/// [org.tutti.libp2p.peerscore.PeerScores]. No spec: GossipSub's own score of a peer (libp2p/specs
/// pubsub/gossipsub/gossipsub-v1.1.md) takes this one as its application-specific part, P5.
@NullMarked
package org.tutti.libp2p.peerscore;

import org.jspecify.annotations.NullMarked;
