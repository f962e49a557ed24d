/// The Kademlia DHT without sockets, threads and clocks: `KademliaEngine` takes what happened and
/// the time, and gives what is to be done. Start reading at `KademliaEngine`, then `Lookup` (whom
/// one look-up asks next) and `RoutingTable` (whom this node knows); `KadCodec` has the bytes.
///
/// Spec: libp2p/specs kad-dht/README.md. Papers: Maymounkov and Mazières, "Kademlia" (2002);
/// Baumgart and Mies, "S/Kademlia" (2007), for disjoint paths.
@NullMarked
package org.tutti.libp2p.internal.kad;

import org.jspecify.annotations.NullMarked;
