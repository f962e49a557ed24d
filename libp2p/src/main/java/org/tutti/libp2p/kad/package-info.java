/// The Kademlia DHT: finds peers by their id, keeps values under keys and who provides them, and
/// many entries under one topic. Start reading at [org.tutti.libp2p.kad.Kademlia]; what values are
/// valid is said in `kad.record`.
///
/// Spec: libp2p/specs kad-dht/README.md.
@NullMarked
package org.tutti.libp2p.kad;

import org.jspecify.annotations.NullMarked;
