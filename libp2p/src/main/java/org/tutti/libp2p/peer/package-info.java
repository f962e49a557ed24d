/// Who a peer is (libp2p/specs peer-ids/peer-ids.md) and where it says it listens
/// (RFC/0003-routing-records.md). Start reading at [org.tutti.libp2p.peer.PeerId].
@NullMarked
package org.tutti.libp2p.peer;

import org.jspecify.annotations.NullMarked;
