package org.tutti.bitcoin.psbt;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;

import java.util.ArrayList;
import java.util.List;

/// How a key of a Taproot output is derived, and in which leaves it stands (BIP371).
///
/// @param leafHashes 32 bytes each; none for the internal key and the output key
/// @param origin where the key comes from
public record TapDerivation(List<Bytes> leafHashes, KeyOrigin origin) {
    private static final int HASH_BYTES = 32;

    /// @throws IllegalArgumentException for a hash of another length
    public TapDerivation {
        leafHashes = List.copyOf(leafHashes);
        leafHashes.forEach(hash -> hash.requireLength(HASH_BYTES, "a leaf hash"));
    }

    /// The derivation of a key that stands in no leaf.
    public static TapDerivation of(KeyOrigin origin) {
        return new TapDerivation(List.of(), origin);
    }

    static TapDerivation read(WireReader in) throws DecodeException {
        int count = in.count(HASH_BYTES, "leaf hashes");
        List<Bytes> hashes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            hashes.add(in.bytes(HASH_BYTES));
        }
        return new TapDerivation(hashes, KeyOrigin.read(in));
    }

    void write(WireWriter out) {
        out.compactSize(leafHashes.size());
        leafHashes.forEach(out::bytes);
        origin.write(out);
    }
}
