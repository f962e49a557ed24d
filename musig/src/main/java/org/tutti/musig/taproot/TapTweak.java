package org.tutti.musig.taproot;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.schnorr.TaggedHash;

import java.util.Optional;

/// The tweak of BIP341, "Script validation rules" and "Constructing and spending Taproot outputs".
public final class TapTweak {
    private TapTweak() {}

    /// `hash_TapTweak(internal key ‖ merkle root)`, 32 bytes.
    ///
    /// @param merkleRoot 32 bytes; empty for an output without scripts, which BIP341 wants to
    ///   commit to no script: the hash of the key alone
    /// @throws IllegalArgumentException for a root of another length
    public static Bytes tweak(XOnlyPublicKey internal, Optional<Bytes> merkleRoot) {
        Bytes root = merkleRoot.map(r -> r.requireLength(32, "a merkle root")).orElse(Bytes.EMPTY);
        return TaggedHash.of("TapTweak", internal.bytes(), root);
    }

    /// The output of an internal key and, if any, a script tree.
    ///
    /// @throws KeyException (probability below 2^-127) if the tweak leads to no key
    public static TaprootOutput output(XOnlyPublicKey internal, Optional<Bytes> merkleRoot)
            throws KeyException {
        Bytes tweak = tweak(internal, merkleRoot);
        PublicKey full = internal.evenPublicKey().plus(tweak);
        return new TaprootOutput(internal, merkleRoot, tweak, full.xOnly(), full.hasOddY());
    }

    /// The secret key that spends the output by its key path.
    ///
    /// @throws KeyException (probability below 2^-127) if the tweak leads to no key
    public static SecretKey tweakSecret(SecretKey internal, Optional<Bytes> merkleRoot)
            throws KeyException {
        Bytes tweak = tweak(internal.publicKey().xOnly(), merkleRoot);
        return internal.plusXOnly(tweak.toArray());
    }
}
