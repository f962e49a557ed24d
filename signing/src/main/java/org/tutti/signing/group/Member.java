package org.tutti.signing.group;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.musig.keys.PublicKey;

import java.util.List;

/// One signer of a group.
///
/// @param index place in the group's key order, from 0; what contributions call the signer
/// @param peerId who speaks for it on the network (its identity key, never its signing key: SAFETY
///   17)
/// @param signingKey its share of the aggregate key
/// @param addresses where to dial it; may be empty
public record Member(int index, PeerId peerId, PublicKey signingKey, List<Multiaddr> addresses) {
    public Member {
        addresses = List.copyOf(addresses);
    }

    @Override
    public String toString() {
        return "signer " + index + " (" + peerId + ")";
    }
}
