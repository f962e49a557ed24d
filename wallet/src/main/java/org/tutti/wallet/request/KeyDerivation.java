package org.tutti.wallet.request;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.script.Script;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.coordinator.message.RequestedMessage.KeyPath;
import org.tutti.musig.keys.Bip328;
import org.tutti.musig.keys.DerivationPath;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.musig.InvalidTweakException;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.taproot.TapTweak;
import org.tutti.signing.request.KeyTweak;

import java.util.List;
import java.util.Optional;

/// How the aggregate of a request's keys becomes the key of an output: derived along a path
/// (BIP328), then tweaked as BIP341's key path, without scripts or with a tree that is shown.
///
/// @param keyPath without scripts, or with the leaves of the tree
/// @param path unhardened numbers; most have none
public record KeyDerivation(KeyPath keyPath, List<Integer> path) {
    /// `tr(musig(keys))`.
    public static final KeyDerivation PLAIN = new KeyDerivation(new KeyPath(List.of()), List.of());

    public KeyDerivation {
        path = List.copyOf(path);
    }

    /// Whether only the keys together can spend: where there are scripts, others perhaps can.
    public boolean isKeysOnly() {
        return keyPath.tree().isEmpty();
    }

    RequestedMessage message(Bytes hash) {
        return new RequestedMessage(hash, keyPath, path);
    }

    /// The scriptPubKey of the output.
    ///
    /// @param aggregate of the sorted keys, not tweaked
    /// @throws IllegalArgumentException if there is no such key
    Script scriptPubKey(KeyAggContext aggregate) {
        if (!(message(Bytes.wrap(new byte[32])).toSign().tweak()
                instanceof KeyTweak.Bip341KeyPath(Optional<Bytes> root))) {
            throw new IllegalStateException("a key path is one");
        }
        try {
            DerivationPath steps = DerivationPath.of(path.stream().mapToLong(n -> n).toArray());
            KeyAggContext derived =
                    aggregate.withPlainTweaks(
                            Bip328.derive(aggregate.aggregateKey(), steps).tweaks());
            return Script.of(TapTweak.output(derived.xOnlyKey(), root).scriptPubKey());
        } catch (KeyException | InvalidTweakException e) {
            throw new IllegalArgumentException("no key at the end of " + path, e);
        }
    }
}
