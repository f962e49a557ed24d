package org.tutti.libp2p.peerstore;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What is kept of a peer for the next run.
///
/// @param addresses learnt without the peer's signature, the newest last; without `/p2p`
/// @param record the newest peer record that the peer signed
public record StoredPeer(PeerId peer, List<Address> addresses, Optional<Signed> record) {
    /// An address, and when it is forgotten.
    public record Address(Multiaddr address, Instant until) {}

    /// A sealed [PeerRecord], and when it is forgotten. Its signature is checked when it is read
    /// back.
    public record Signed(SignedEnvelope envelope, Instant until) {}

    public StoredPeer {
        addresses = List.copyOf(addresses);
    }
}
