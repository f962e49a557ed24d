package org.tutti.musig.musig;

import org.tutti.base.Bytes;
import org.tutti.musig.NativeLibraryException;
import org.tutti.musig.internal.secp256k1.LibSecp256k1;
import org.tutti.musig.internal.secp256k1.Scratch;
import org.tutti.musig.internal.secp256k1.Sizes;
import org.tutti.musig.musig.MusigException.Code;
import org.tutti.musig.musig.MusigException.Contribution;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// The sum of all signers' public nonces (BIP327 NonceAgg).
///
/// A sum may be infinity, written as 33 zeros: BIP327 accepts it, because refusing would let a
/// dishonest signer frame an honest one. The fault then shows in the partial signatures.
public final class AggregateNonce {
    /// Bytes of the encoding.
    public static final int BYTES = 66;

    private final byte[] parsed;

    private AggregateNonce(byte[] parsed) {
        this.parsed = parsed;
    }

    /// Adds up the nonces of all signers, in any order.
    ///
    /// @throws IllegalArgumentException for none, or more than [KeyAggContext#MAX_KEYS]
    public static AggregateNonce of(List<PublicNonce> nonces) {
        if (nonces.isEmpty() || nonces.size() > KeyAggContext.MAX_KEYS) {
            throw new IllegalArgumentException(
                    "1 to " + KeyAggContext.MAX_KEYS + " nonces, not " + nonces.size());
        }
        Scratch s = Scratch.take();
        try {
            if (nonces.size() <= Scratch.LIST) {
                return aggregate(nonces, s, s.pointers, s.elements);
            }
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment elements = arena.allocate((long) nonces.size() * Sizes.PUBLIC_NONCE);
                return aggregate(nonces, s, NativeList.pointers(arena, nonces.size()), elements);
            }
        } finally {
            s.giveBack();
        }
    }

    private static AggregateNonce aggregate(
            List<PublicNonce> nonces, Scratch s, MemorySegment pointers, MemorySegment elements) {
        for (int i = 0; i < nonces.size(); i++) {
            nonces.get(i).writeTo(elements, (long) i * Sizes.PUBLIC_NONCE);
        }
        NativeList.point(pointers, elements, nonces.size(), Sizes.PUBLIC_NONCE);
        if (!LibSecp256k1.aggregateNonces(s.aggregateNonce, pointers, nonces.size())) {
            throw new NativeLibraryException(
                    NativeLibraryException.Code.CALL_FAILED, "nonce aggregation failed");
        }
        return new AggregateNonce(Scratch.get(s.aggregateNonce, Sizes.AGGREGATE_NONCE));
    }

    /// Parses 66 bytes, as an aggregator sends them. Signing-safety: aggregate by yourself where
    /// you can; a forged one frames honest signers.
    ///
    /// @throws MusigException WRONG_LENGTH or MALFORMED
    public static AggregateNonce parse(Bytes bytes) throws MusigException {
        if (bytes.length() != BYTES) {
            throw new MusigException(
                    Contribution.AGGREGATE_NONCE,
                    Code.WRONG_LENGTH,
                    "an aggregate nonce has 66 bytes, not " + bytes.length());
        }
        Scratch s = Scratch.take();
        try {
            Scratch.put(s.bytes66, bytes.toArray());
            if (!LibSecp256k1.parseAggregateNonce(s.aggregateNonce, s.bytes66)) {
                throw new MusigException(
                        Contribution.AGGREGATE_NONCE,
                        Code.MALFORMED,
                        "not two points or infinities: " + bytes);
            }
            return new AggregateNonce(Scratch.get(s.aggregateNonce, Sizes.AGGREGATE_NONCE));
        } finally {
            s.giveBack();
        }
    }

    /// 66 bytes: two compressed points, zeros for infinity.
    public Bytes bytes() {
        Scratch s = Scratch.take();
        try {
            if (!LibSecp256k1.serializeAggregateNonce(s.bytes66, writeTo(s.aggregateNonce))) {
                throw new NativeLibraryException(
                        NativeLibraryException.Code.CALL_FAILED, "no aggregate nonce");
            }
            return Bytes.wrap(Scratch.get(s.bytes66, BYTES));
        } finally {
            s.giveBack();
        }
    }

    /// Copies libsecp256k1's form to the start of `target` and returns `target`.
    MemorySegment writeTo(MemorySegment target) {
        return Scratch.put(target, parsed);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AggregateNonce nonce && bytes().equals(nonce.bytes());
    }

    @Override
    public int hashCode() {
        return bytes().hashCode();
    }

    @Override
    public String toString() {
        return bytes().toHex();
    }
}
