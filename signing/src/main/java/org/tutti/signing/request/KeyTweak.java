package org.tutti.signing.request;

import org.tutti.base.Bytes;

import java.util.Optional;

/// How the aggregate key becomes the key that the signature is for. Only known derivations, never a
/// free value from a peer (SAFETY 15).
public sealed interface KeyTweak {
    /// The aggregate key itself.
    record None() implements KeyTweak {}

    /// BIP341 key path: the output key of the aggregate key and a script tree.
    ///
    /// @param merkleRoot 32 bytes, or empty for an output without scripts
    record Bip341KeyPath(Optional<Bytes> merkleRoot) implements KeyTweak {
        public Bip341KeyPath {
            merkleRoot.ifPresent(root -> root.requireLength(32, "merkle root"));
        }
    }

    /// BIP341 key path without a script tree (as BIP86).
    static KeyTweak keyPathOnly() {
        return new Bip341KeyPath(Optional.empty());
    }

    /// The aggregate key itself.
    static KeyTweak none() {
        return new None();
    }
}
