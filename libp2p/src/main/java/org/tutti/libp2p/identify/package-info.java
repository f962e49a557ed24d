/// What identify tells ([Identified]), and how it fails: the cause of what `Host.awaitIdentified`
/// throws. Every host identifies itself and asks who is at the other end; what a peer said about
/// itself is a [org.tutti.libp2p.peerstore.PeerInfo].
///
/// Spec: libp2p/specs identify/README.md.
@NullMarked
package org.tutti.libp2p.identify;

import org.jspecify.annotations.NullMarked;
