package org.tutti.coordinator.message;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.TaggedHash;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Which signer coordinates a request: follows from the request alone, so that everybody computes
/// the same. A coordinator saves messages and has no power: it passes on signed envelopes as they
/// are.
public enum ElectionMethod {
    /// The lowest key, as bytes.
    LEXICOGRAPHIC,
    /// The lowest tagged hash `tutti/election` of request id ‖ key: nobody can choose it before the
    /// request is made.
    HASH,
    /// The first key of the request.
    FIRST,
    /// The last key of the request.
    LAST;

    /// The signers in the order in which they coordinate: the first unless it fails, then the next.
    ///
    /// @param keys in the order of the request
    public List<PublicKey> order(RequestId request, List<PublicKey> keys) {
        List<PublicKey> order = new ArrayList<>(keys);
        switch (this) {
            case LEXICOGRAPHIC -> order.sort(Comparator.comparing(PublicKey::bytes));
            case HASH -> order.sort(Comparator.comparing(key -> rank(request, key)));
            case FIRST -> {
                // As they are.
            }
            case LAST -> order = order.reversed();
        }
        return List.copyOf(order);
    }

    /// Who coordinates unless it fails.
    public PublicKey elect(RequestId request, List<PublicKey> keys) {
        return order(request, keys).getFirst();
    }

    private static Bytes rank(RequestId request, PublicKey key) {
        return TaggedHash.of("tutti/election", request.bytes(), key.bytes());
    }
}
