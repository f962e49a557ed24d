package org.tutti.musig.musig;

import org.tutti.base.Bytes;
import org.tutti.musig.NativeLibraryException;
import org.tutti.musig.internal.secp256k1.LibSecp256k1;
import org.tutti.musig.internal.secp256k1.Scratch;
import org.tutti.musig.musig.MusigException.Code;
import org.tutti.musig.musig.MusigException.Contribution;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// A signer's partial signature: a number below n, 32 bytes big-endian.
public final class PartialSignature {
    /// Bytes of the encoding.
    public static final int BYTES = 32;

    private final Bytes bytes;

    // The array within `bytes`, never written to.
    private final byte[] array;

    /// 32 bytes below n.
    private PartialSignature(byte[] array) {
        this.bytes = Bytes.wrap(array);
        this.array = array;
    }

    /// Parses 32 bytes.
    ///
    /// @throws MusigException WRONG_LENGTH or MALFORMED
    public static PartialSignature parse(Bytes bytes) throws MusigException {
        if (bytes.length() != BYTES) {
            throw new MusigException(
                    Contribution.PARTIAL_SIGNATURE,
                    Code.WRONG_LENGTH,
                    "a partial signature has 32 bytes, not " + bytes.length());
        }
        Scratch s = Scratch.take();
        try {
            byte[] copy = bytes.toArray();
            Scratch.put(s.bytes32, copy);
            if (!LibSecp256k1.parsePartial(s.partialSignature, s.bytes32)) {
                throw new MusigException(
                        Contribution.PARTIAL_SIGNATURE, Code.MALFORMED, "not below n: " + bytes);
            }
            return new PartialSignature(copy);
        } finally {
            s.giveBack();
        }
    }

    /// Parses every element; the exception has the index of the first signer whose signature is
    /// invalid.
    ///
    /// @throws MusigException with the signer's place
    public static List<PartialSignature> parseAll(List<Bytes> signatures) throws MusigException {
        return Contributions.parseAll(signatures, PartialSignature::parse);
    }

    /// The signature that the library has just made, in its form; `scratch32` takes the bytes.
    static PartialSignature made(MemorySegment partial, MemorySegment scratch32) {
        if (!LibSecp256k1.serializePartial(scratch32, partial)) {
            throw new NativeLibraryException(
                    NativeLibraryException.Code.CALL_FAILED, "no partial signature");
        }
        return new PartialSignature(Scratch.get(scratch32, BYTES));
    }

    /// 32 bytes, big-endian.
    public Bytes bytes() {
        return bytes;
    }

    /// The number.
    Scalar value() {
        return Scalar.of(array);
    }

    /// Writes libsecp256k1's form to `s` and returns where it is.
    MemorySegment writeTo(Scratch s) {
        if (!LibSecp256k1.parsePartial(s.partialSignature, Scratch.put(s.bytes32, array))) {
            throw new NativeLibraryException(
                    NativeLibraryException.Code.CALL_FAILED, "a parsed signature does not parse");
        }
        return s.partialSignature;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PartialSignature signature && bytes.equals(signature.bytes);
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
