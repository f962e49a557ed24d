package org.tutti.coordinator.message;

import org.tutti.base.Bytes;
import org.tutti.musig.taproot.TapLeaf;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;

import java.util.List;
import java.util.Optional;

/// One message of a request and how the aggregate key becomes the key that it is signed under. Of
/// tweaks only those that can be derived from what is shown: none, BIP341's key path without
/// scripts or with a tree whose leaves are all here, and BIP328's derivation.
///
/// @param hash 32 bytes
/// @param tweak how
/// @param path BIP328 derivation of the aggregate key, before the tweak: at most
///   [MessageToSign#MAX_PATH] unhardened numbers
public record RequestedMessage(Bytes hash, Tweak tweak, List<Integer> path) {
    public RequestedMessage {
        hash.requireLength(32, "message");
        path = List.copyOf(path);
        if (path.size() > MessageToSign.MAX_PATH || path.stream().anyMatch(n -> n < 0)) {
            throw new IllegalArgumentException("not a path of unhardened numbers: " + path);
        }
    }

    /// How the aggregate key is tweaked.
    public sealed interface Tweak {}

    /// Not at all.
    public record None() implements Tweak {}

    /// BIP341's key path.
    ///
    /// @param tree the leaves of the output's script tree, depth first; empty without scripts
    public record KeyPath(List<Leaf> tree) implements Tweak {
        public KeyPath {
            tree = List.copyOf(tree);
        }
    }

    /// A leaf of a script tree (as BIP371 lists them).
    ///
    /// @param depth 0 to 128
    public record Leaf(int depth, TapLeaf leaf) {}

    /// By BIP341's key path without scripts.
    public static RequestedMessage keyPath(Bytes hash) {
        return new RequestedMessage(hash, new KeyPath(List.of()), List.of());
    }

    /// By the aggregate key itself.
    public static RequestedMessage untweaked(Bytes hash) {
        return new RequestedMessage(hash, new None(), List.of());
    }

    /// As signing takes it.
    public MessageToSign toSign() {
        KeyTweak how =
                switch (tweak) {
                    case None _ -> KeyTweak.none();
                    case KeyPath(List<Leaf> tree) ->
                            new KeyTweak.Bip341KeyPath(
                                    tree.isEmpty()
                                            ? Optional.empty()
                                            : Optional.of(LeafTree.root(tree)));
                };
        return new MessageToSign(hash, how, Optional.empty(), path);
    }
}
