package org.tutti.signing.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.TaggedHash;

/// What a signing key signs (BIP340) to attest its owner's peer id: the tagged hash `tutti/vouch`
/// over the peer id's bytes and the compressed key.
public final class KeyAttestation {
    private KeyAttestation() {}

    /// 32 bytes.
    public static Bytes message(PeerId peer, PublicKey key) {
        return TaggedHash.of("tutti/vouch", peer.multihash().toArray(), key.bytes().toArray());
    }
}
