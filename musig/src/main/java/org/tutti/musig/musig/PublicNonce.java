package org.tutti.musig.musig;

import org.tutti.base.Bytes;
import org.tutti.musig.NativeLibraryException;
import org.tutti.musig.internal.secp256k1.LibSecp256k1;
import org.tutti.musig.internal.secp256k1.Scratch;
import org.tutti.musig.internal.secp256k1.Sizes;
import org.tutti.musig.musig.MusigException.Code;
import org.tutti.musig.musig.MusigException.Contribution;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// A signer's public nonce: two compressed points, 66 bytes, parsed once.
public final class PublicNonce {
    /// Bytes of the encoding.
    public static final int BYTES = 66;

    private final Bytes bytes;
    private final byte[] parsed;

    private PublicNonce(Bytes bytes, byte[] parsed) {
        this.bytes = bytes;
        this.parsed = parsed;
    }

    /// Parses 66 bytes.
    ///
    /// @throws MusigException WRONG_LENGTH or MALFORMED
    public static PublicNonce parse(Bytes bytes) throws MusigException {
        if (bytes.length() != BYTES) {
            throw new MusigException(
                    Contribution.PUBLIC_NONCE,
                    Code.WRONG_LENGTH,
                    "a public nonce has 66 bytes, not " + bytes.length());
        }
        Scratch s = Scratch.take();
        try {
            Scratch.put(s.bytes66, bytes.toArray());
            if (!LibSecp256k1.parsePublicNonce(s.publicNonce, s.bytes66)) {
                throw new MusigException(
                        Contribution.PUBLIC_NONCE, Code.MALFORMED, "not two points: " + bytes);
            }
            return new PublicNonce(bytes, Scratch.get(s.publicNonce, Sizes.PUBLIC_NONCE));
        } finally {
            s.giveBack();
        }
    }

    /// Parses every element; the exception has the index of the first signer whose nonce is
    /// invalid.
    ///
    /// @throws MusigException with the signer's place
    public static List<PublicNonce> parseAll(List<Bytes> nonces) throws MusigException {
        return Contributions.parseAll(nonces, PublicNonce::parse);
    }

    /// The nonce that the library has just made in `s`.
    static PublicNonce generated(Scratch s) {
        if (!LibSecp256k1.serializePublicNonce(s.bytes66, s.publicNonce)) {
            throw new NativeLibraryException(
                    NativeLibraryException.Code.CALL_FAILED, "no public nonce");
        }
        return new PublicNonce(
                Bytes.wrap(Scratch.get(s.bytes66, BYTES)),
                Scratch.get(s.publicNonce, Sizes.PUBLIC_NONCE));
    }

    /// 66 bytes: R1 and R2, compressed.
    public Bytes bytes() {
        return bytes;
    }

    /// Copies libsecp256k1's form, 132 bytes, to `target` at `offset` and returns `target`.
    MemorySegment writeTo(MemorySegment target, long offset) {
        MemorySegment.copy(parsed, 0, target, ValueLayout.JAVA_BYTE, offset, parsed.length);
        return target;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PublicNonce nonce && bytes.equals(nonce.bytes);
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
