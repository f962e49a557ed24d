package org.tutti.musig.keys;

import org.tutti.base.Bytes;
import org.tutti.musig.NativeLibraryException;
import org.tutti.musig.internal.secp256k1.LibSecp256k1;
import org.tutti.musig.internal.secp256k1.Scratch;
import org.tutti.musig.internal.secp256k1.Sizes;
import org.tutti.musig.keys.KeyException.Code;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A public key as BIP340 writes it: the x coordinate, 32 bytes big-endian; y is the even one.
public final class XOnlyPublicKey {
    /// Bytes of the encoding.
    public static final int BYTES = 32;

    private final Bytes bytes;
    private final byte[] parsed;

    private XOnlyPublicKey(Bytes bytes, byte[] parsed) {
        this.bytes = bytes;
        this.parsed = parsed;
    }

    /// Parses 32 bytes.
    ///
    /// @throws KeyException WRONG_LENGTH or NOT_ON_CURVE
    public static XOnlyPublicKey parse(Bytes bytes) throws KeyException {
        if (bytes.length() != BYTES) {
            throw new KeyException(
                    Code.WRONG_LENGTH, "an x-only public key has 32 bytes, not " + bytes.length());
        }
        Scratch s = Scratch.take();
        try {
            // Not shown in the message: whoever mixed things up may have passed a secret key.
            if (!LibSecp256k1.parseXOnlyKey(s.xOnlyKey, Scratch.put(s.bytes32, bytes.toArray()))) {
                throw new KeyException(
                        Code.NOT_ON_CURVE, "these 32 bytes are not an x-only public key");
            }
            return new XOnlyPublicKey(bytes, Scratch.get(s.xOnlyKey, Sizes.XONLY_KEY));
        } finally {
            s.giveBack();
        }
    }

    /// The x coordinate of a point that we have already.
    static XOnlyPublicKey ofValid(Bytes bytes) {
        try {
            return parse(bytes);
        } catch (KeyException e) {
            throw new NativeLibraryException(
                    NativeLibraryException.Code.CALL_FAILED, "a point's x is on no point");
        }
    }

    /// 32 bytes, x big-endian.
    public Bytes bytes() {
        return bytes;
    }

    /// The point with this x and an even y.
    public PublicKey evenPublicKey() {
        Scratch s = Scratch.take();
        try {
            return PublicKey.ofParsed(writeTo(s.publicKey));
        } finally {
            s.giveBack();
        }
    }

    /// Copies libsecp256k1's form, 64 bytes, to the start of `target` and returns `target`.
    public MemorySegment writeTo(MemorySegment target) {
        MemorySegment.copy(parsed, 0, target, ValueLayout.JAVA_BYTE, 0, parsed.length);
        return target;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof XOnlyPublicKey key && bytes.equals(key.bytes);
    }

    @Override
    public int hashCode() {
        return bytes.hashCode();
    }

    @Override
    public String toString() {
        return bytes.toHex();
    }
}
