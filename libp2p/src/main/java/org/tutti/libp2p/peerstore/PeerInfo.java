package org.tutti.libp2p.peerstore;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.List;
import java.util.Optional;

/// What a peer said about itself by identify. Only the peer id is proven; the rest is the peer's
/// word.
///
/// @param protocolVersion such as `ipfs/0.1.0`, may be empty
/// @param agentVersion such as `tutti/0.1.0`, may be empty
/// @param protocols those that it answers
/// @param listenAddresses where it says that it listens, without `/p2p`
/// @param observedAddress how it sees our end of the connection
/// @param certifiedAddresses whether the addresses come from a peer record that the peer signed
public record PeerInfo(
        PeerId peer,
        String protocolVersion,
        String agentVersion,
        List<String> protocols,
        List<Multiaddr> listenAddresses,
        Optional<Multiaddr> observedAddress,
        boolean certifiedAddresses) {
    public PeerInfo {
        protocols = List.copyOf(protocols);
        listenAddresses = List.copyOf(listenAddresses);
    }
}
