package org.tutti.signing.internal.keys;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.Bip328;
import org.tutti.musig.keys.DerivationPath;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.musig.InvalidTweakException;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;

import java.util.Optional;

/// From a group's aggregate key to the key that a message is signed under. Only known derivations,
/// never a free value from a peer (SAFETY 15).
public final class MessageKeys {
    private MessageKeys() {}

    /// @param untweaked the aggregate of the group's keys
    /// @throws InvalidTweakException if a tweak is invalid for this key, which does not happen by
    ///   chance
    public static KeyAggContext of(KeyAggContext untweaked, MessageToSign message) {
        KeyAggContext derived = derive(untweaked, message);
        return switch (message.tweak()) {
            case KeyTweak.None _ -> derived;
            case KeyTweak.Bip341KeyPath(Optional<Bytes> root) -> derived.withTapTweak(root);
        };
    }

    private static KeyAggContext derive(KeyAggContext untweaked, MessageToSign message) {
        if (message.path().isEmpty()) {
            return untweaked;
        }
        try {
            DerivationPath path =
                    DerivationPath.of(message.path().stream().mapToLong(n -> n).toArray());
            return untweaked.withPlainTweaks(
                    Bip328.derive(untweaked.aggregateKey(), path).tweaks());
        } catch (KeyException e) {
            throw new IllegalArgumentException("a path of unhardened numbers has a key", e);
        }
    }
}
