package org.tutti.musig.musig;

import org.tutti.bytes.Bytes;
import org.tutti.musig.musig.MusigException.Code;
import org.tutti.musig.musig.MusigException.Contribution;
import org.tutti.musig.secp256k1.LibSecp256k1;
import org.tutti.musig.secp256k1.NativeLibraryException;
import org.tutti.musig.secp256k1.Scratch;
import org.tutti.musig.secp256k1.Sizes;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// A signer's partial signature: a number below n, 32 bytes big-endian.
public final class PartialSignature {
    /// Bytes of the encoding.
    public static final int BYTES = 32;

    private final Bytes bytes;
    private final byte[] parsed;

    private PartialSignature(Bytes bytes, byte[] parsed) {
        this.bytes = bytes;
        this.parsed = parsed;
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
            Scratch.put(s.bytes32, bytes.toArray());
            if (!LibSecp256k1.parsePartial(s.partialSignature, s.bytes32)) {
                throw new MusigException(
                        Contribution.PARTIAL_SIGNATURE, Code.MALFORMED, "not below n: " + bytes);
            }
            return new PartialSignature(
                    bytes, Scratch.get(s.partialSignature, Sizes.PARTIAL_SIGNATURE));
        } finally {
            s.giveBack();
        }
    }

    /// Parses every element; the exception names the first signer whose signature is none.
    ///
    /// @throws MusigException with the signer's place
    public static List<PartialSignature> parseAll(List<Bytes> signatures) throws MusigException {
        List<PartialSignature> parsed = new ArrayList<>(signatures.size());
        for (int i = 0; i < signatures.size(); i++) {
            try {
                parsed.add(parse(signatures.get(i)));
            } catch (MusigException e) {
                throw e.by(i);
            }
        }
        return parsed;
    }

    /// The signature that the library has just made in `s`.
    static PartialSignature made(Scratch s) {
        if (!LibSecp256k1.serializePartial(s.bytes32, s.partialSignature)) {
            throw new NativeLibraryException(
                    NativeLibraryException.Code.CALL_FAILED, "no partial signature");
        }
        return new PartialSignature(
                Bytes.wrap(Scratch.get(s.bytes32, BYTES)),
                Scratch.get(s.partialSignature, Sizes.PARTIAL_SIGNATURE));
    }

    /// 32 bytes, big-endian.
    public Bytes bytes() {
        return bytes;
    }

    /// Copies libsecp256k1's form, 36 bytes, to `target` at `offset` and returns `target`.
    MemorySegment writeTo(MemorySegment target, long offset) {
        MemorySegment.copy(parsed, 0, target, ValueLayout.JAVA_BYTE, offset, parsed.length);
        return target;
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
