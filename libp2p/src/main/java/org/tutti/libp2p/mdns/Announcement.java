package org.tutti.libp2p.mdns;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.dns.DnsName;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What one packet says of one peer name.
///
/// @param peer of the addresses; nobody if there are none
/// @param addresses without `/p2p`
/// @param ttl zero is a goodbye (RFC 6762 section 10.1)
record Announcement(DnsName name, Optional<PeerId> peer, List<Multiaddr> addresses, Duration ttl) {
    Announcement {
        addresses = List.copyOf(addresses);
    }
}
