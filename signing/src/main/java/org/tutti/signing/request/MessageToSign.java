package org.tutti.signing.request;

import org.tutti.base.Bytes;

import java.util.List;
import java.util.Optional;

/// One message of a session and the key that it is signed under: the aggregate key, derived along
/// `path`, then tweaked.
///
/// @param hash 32 bytes, for a payment the BIP341 signature hash of one input
/// @param tweak none for the key of a leaf
/// @param leaf BIP341's hash of the leaf whose script has the key, 32 bytes; empty for a key path
/// @param path BIP328 derivation of the aggregate key, at most [#MAX_PATH] unhardened numbers
public record MessageToSign(Bytes hash, KeyTweak tweak, Optional<Bytes> leaf, List<Integer> path) {
    public static final int MAX_PATH = 8;

    /// @throws IllegalArgumentException if a length or number is out of range, or a leaf's key is
    ///   tweaked
    public MessageToSign {
        hash.requireLength(32, "message");
        leaf.ifPresent(bytes -> bytes.requireLength(32, "leaf hash"));
        path = List.copyOf(path);
        if (path.size() > MAX_PATH || path.stream().anyMatch(number -> number < 0)) {
            throw new IllegalArgumentException("not a path of unhardened numbers: " + path);
        }
        if (leaf.isPresent() && !(tweak instanceof KeyTweak.None)) {
            throw new IllegalArgumentException("the key in a leaf is not tweaked");
        }
    }

    /// By a key path, without derivation.
    public MessageToSign(Bytes hash, KeyTweak tweak) {
        this(hash, tweak, Optional.empty(), List.of());
    }
}
