package org.tutti.bitcoin.psbt;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.PublicKey;

import java.util.Optional;

/// Who contributes to which signature: the key of a public nonce and of a partial signature
/// (BIP373).
///
/// @param participant one of the keys that are aggregated
/// @param aggregate the key that signs, after all derivations and tweaks: the output key, or one in
///   a leaf's script
/// @param leafHash 32 bytes (BIP341) of the leaf that is spent; absent for the key path
public record Musig2Key(PublicKey participant, PublicKey aggregate, Optional<Bytes> leafHash) {
    /// @throws IllegalArgumentException for a hash of another length
    public Musig2Key {
        leafHash.ifPresent(hash -> hash.requireLength(32, "a leaf hash"));
    }

    /// The contribution to a signature for the key path.
    public static Musig2Key keyPath(PublicKey participant, PublicKey aggregate) {
        return new Musig2Key(participant, aggregate, Optional.empty());
    }
}
