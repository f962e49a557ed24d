package org.tutti.musig.taproot;

import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.TaggedHash;

import java.io.ByteArrayOutputStream;

/// A script in a tree (BIP341).
///
/// @param version the leaf version, even, 0…254; [#TAPSCRIPT] for BIP342
/// @param script the script
public record TapLeaf(int version, Bytes script) implements TapTree {
    /// The leaf version of BIP342.
    public static final int TAPSCRIPT = 0xc0;

    /// @throws IllegalArgumentException for a leaf version that is odd or does not fit in a byte
    public TapLeaf {
        if (version < 0 || version > 254 || (version & 1) != 0) {
            throw new IllegalArgumentException("a leaf version is even, 0…254, not " + version);
        }
    }

    /// A BIP342 leaf.
    public static TapLeaf of(Bytes script) {
        return new TapLeaf(TAPSCRIPT, script);
    }

    /// `hash_TapLeaf(version ‖ compact size of the script ‖ script)`, 32 bytes.
    @Override
    public Bytes hash() {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        head.write(version);
        writeCompactSize(head, script.length());
        return TaggedHash.of("TapLeaf", Bytes.wrap(head.toByteArray()), script);
    }

    private static void writeCompactSize(ByteArrayOutputStream out, int size) {
        if (size < 0xfd) {
            out.write(size);
            return;
        }
        boolean small = size <= 0xffff;
        out.write(small ? 0xfd : 0xfe);
        for (int shift = 0; shift < (small ? 16 : 32); shift += 8) {
            out.write(size >>> shift);
        }
    }
}
