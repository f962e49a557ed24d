package org.tutti.musig.keys;

import java.util.List;

/// KeySort of BIP327: the order that makes an aggregate key independent of who lists the signers.
public final class KeySort {
    private KeySort() {}

    /// The keys in lexicographic order of their 33-byte encodings; equal keys stay.
    public static List<PublicKey> sort(List<PublicKey> keys) {
        return keys.stream().sorted().toList();
    }
}
