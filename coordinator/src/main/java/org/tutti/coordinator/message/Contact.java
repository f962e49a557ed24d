package org.tutti.coordinator.message;

import org.tutti.base.Bytes;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.List;
import java.util.Optional;

/// A signing key can be asked through a peer.
///
/// @param inboxKey the X25519 key (32 bytes) that requests are encrypted to while it is away; never
///   its signing or identity key. Without one nothing is left for it
/// @param addresses where the peer was reached when this was made, at most [#MAX_ADDRESSES]
public record Contact(
        Header header, Optional<Bytes> inboxKey, List<Multiaddr> addresses, Bytes envelope)
        implements Reachable {
    public static final int MAX_ADDRESSES = 8;

    public Contact {
        addresses = List.copyOf(addresses);
    }
}
