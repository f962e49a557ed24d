package org.tutti.libp2p.internal.kad.records;

import org.tutti.libp2p.identity.PeerId;

/// Who put something into a store, and from where.
///
/// @param peer the peer at the other end of the connection
/// @param address where its connection comes from, such as an IP address
/// @param prefix the network that the address is in, such as its /16: what costs an attacker more
///   than ids and addresses
public record Source(PeerId peer, String address, String prefix) {}
