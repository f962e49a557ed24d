package org.tutti.musig.keys;

import org.tutti.base.Bytes;
import org.tutti.musig.NativeLibraryException;
import org.tutti.musig.internal.secp256k1.LibSecp256k1;
import org.tutti.musig.internal.secp256k1.Scratch;
import org.tutti.musig.internal.secp256k1.Sizes;
import org.tutti.musig.keys.KeyException.Code;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// A point of secp256k1, parsed once: 33 bytes compressed (SEC 1), and next to them the form that
/// libsecp256k1 computes with. Ordered as BIP327's KeySort orders.
public final class PublicKey implements Comparable<PublicKey> {
    /// Bytes of the compressed encoding.
    public static final int BYTES = 33;

    private final Bytes bytes;
    private final byte[] parsed;
    private final int hash;

    private PublicKey(Bytes bytes, byte[] parsed) {
        this.bytes = bytes;
        this.parsed = parsed;
        this.hash = bytes.hashCode();
    }

    /// Parses 33 bytes, prefix 02 or 03.
    ///
    /// @throws KeyException WRONG_LENGTH or NOT_ON_CURVE
    public static PublicKey parse(Bytes bytes) throws KeyException {
        if (bytes.length() != BYTES) {
            throw new KeyException(
                    Code.WRONG_LENGTH, "a public key has 33 bytes, not " + bytes.length());
        }
        Scratch s = Scratch.take();
        try {
            MemorySegment input = Scratch.put(s.bytes66, bytes.toArray()).asSlice(0, BYTES);
            if (!LibSecp256k1.parsePublicKey(s.publicKey, input)) {
                // Not shown in the message: with a zero in front, 33 bytes are how extended keys
                // hold a secret one.
                throw new KeyException(Code.NOT_ON_CURVE, "not a compressed public key");
            }
            return new PublicKey(bytes, Scratch.get(s.publicKey, Sizes.PUBLIC_KEY));
        } finally {
            s.giveBack();
        }
    }

    /// Parses every element; the exception names the first bad one.
    ///
    /// @throws KeyException with the index of the first invalid key
    public static List<PublicKey> parseAll(List<Bytes> keys) throws KeyException {
        List<PublicKey> parsed = new ArrayList<>(keys.size());
        for (int i = 0; i < keys.size(); i++) {
            try {
                parsed.add(parse(keys.get(i)));
            } catch (KeyException e) {
                throw e.at(i);
            }
        }
        return parsed;
    }

    /// A key in libsecp256k1's form, for the packages of this module: the first 64 bytes of
    /// `native64`.
    public static PublicKey ofParsed(MemorySegment native64) {
        Scratch s = Scratch.take();
        try {
            s.length.set(ValueLayout.JAVA_LONG, 0, BYTES);
            if (!LibSecp256k1.serializePublicKey(
                    s.bytes66, s.length, native64, LibSecp256k1.COMPRESSED)) {
                throw new NativeLibraryException(
                        NativeLibraryException.Code.CALL_FAILED, "a computed key is not a point");
            }
            return new PublicKey(
                    Bytes.wrap(Scratch.get(s.bytes66, BYTES)),
                    Scratch.get(native64, Sizes.PUBLIC_KEY));
        } finally {
            s.giveBack();
        }
    }

    /// This point plus tweak·G.
    ///
    /// @param tweak32 32 bytes, big-endian, below n
    /// @throws KeyException SECRET_OUT_OF_RANGE for another tweak, or if the sum is infinity
    public PublicKey plus(Bytes tweak32) throws KeyException {
        tweak32.requireLength(32, "a tweak");
        Scratch s = Scratch.take();
        try {
            writeTo(s.publicKey, 0);
            if (!LibSecp256k1.tweakAddPublicKey(
                    s.publicKey, Scratch.put(s.bytes32, tweak32.toArray()))) {
                throw new KeyException(
                        Code.SECRET_OUT_OF_RANGE, "a tweak is below n and leads to no infinity");
            }
            return ofParsed(s.publicKey);
        } finally {
            s.giveBack();
        }
    }

    /// 33 bytes: 02 (even y) or 03 (odd y), then x big-endian.
    public Bytes bytes() {
        return bytes;
    }

    /// The key without the parity of y (BIP340).
    public XOnlyPublicKey xOnly() {
        return XOnlyPublicKey.ofValid(bytes.slice(1, BYTES));
    }

    /// Whether y is odd: what [#xOnly()] drops.
    public boolean hasOddY() {
        return bytes.get(0) == 3;
    }

    /// Copies libsecp256k1's form, 64 bytes, to `target` at `offset` and returns `target`.
    public MemorySegment writeTo(MemorySegment target, long offset) {
        MemorySegment.copy(parsed, 0, target, ValueLayout.JAVA_BYTE, offset, parsed.length);
        return target;
    }

    /// The order of BIP327's KeySort: lexicographic by encoding.
    @Override
    public int compareTo(PublicKey other) {
        return bytes.compareTo(other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof PublicKey key && hash == key.hash && compareTo(key) == 0);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return bytes.toHex();
    }
}
