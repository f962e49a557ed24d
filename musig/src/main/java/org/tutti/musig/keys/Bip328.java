package org.tutti.musig.keys;

import org.tutti.base.Bytes;

import java.util.ArrayList;
import java.util.List;

/// BIP328: the extended key of an aggregate key, so that a group derives addresses as one signer
/// does. Signing for a child needs the tweaks on the way to it.
public final class Bip328 {
    /// SHA-256 of "MuSig2MuSig2MuSig2", the chain code of every synthetic key.
    public static final Bytes CHAIN_CODE =
            Bytes.fromHex("868087ca02a6f974c4598924c36b57762d32cb45717167e300622c7167e38965");

    private Bip328() {}

    /// The extended key: depth 0, no parent, child 0.
    ///
    /// @param aggregate the plain aggregate key of KeyAgg, before any tweak
    public static ExtendedPublicKey syntheticKey(
            PublicKey aggregate, ExtendedKeyVersions versions) {
        return new ExtendedPublicKey(
                versions, 0, ExtendedFields.NO_PARENT, 0, CHAIN_CODE, aggregate);
    }

    /// A descendant of an aggregate key and the plain tweaks, in order, that lead to it.
    ///
    /// @param tweaks 32 bytes each, for `KeyAggContext.withPlainTweak`
    /// @param key the descendant
    public record Derived(List<Bytes> tweaks, ExtendedPublicKey key) {
        /// Copies the list.
        public Derived {
            tweaks = List.copyOf(tweaks);
        }
    }

    /// Follows a path without hardened steps.
    ///
    /// @throws KeyException BAD_PATH for a hardened step
    public static Derived derive(PublicKey aggregate, DerivationPath path) throws KeyException {
        ExtendedPublicKey key = syntheticKey(aggregate, ExtendedKeyVersions.MAINNET);
        List<Bytes> tweaks = new ArrayList<>();
        for (long step : path.steps()) {
            ExtendedPublicKey.Child child = key.child(step);
            tweaks.add(child.tweak());
            key = child.key();
        }
        return new Derived(tweaks, key);
    }
}
