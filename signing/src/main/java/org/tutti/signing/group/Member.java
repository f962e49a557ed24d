package org.tutti.signing.group;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.musig.keys.PublicKey;

import java.util.List;

/// One signer of a group.
///
/// @param index position in the group's key order, from 0; identifies the signer in contributions
/// @param peerId its identity on the network (of its identity key, never its signing key: SAFETY
///   17)
/// @param signingKey its key in the aggregate key
/// @param addresses addresses to dial; may be empty
public record Member(int index, PeerId peerId, PublicKey signingKey, List<Multiaddr> addresses) {
    public Member {
        addresses = List.copyOf(addresses);
    }

    @Override
    public String toString() {
        return "signer " + index + " (" + peerId + ")";
    }
}
