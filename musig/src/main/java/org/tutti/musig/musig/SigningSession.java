package org.tutti.musig.musig;

import org.tutti.base.Bytes;
import org.tutti.musig.NativeLibraryException;
import org.tutti.musig.internal.secp256k1.LibSecp256k1;
import org.tutti.musig.internal.secp256k1.Scratch;
import org.tutti.musig.internal.secp256k1.Sizes;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.musig.AggregationException.Code;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Round two: one message, one group with its tweaks, one aggregate nonce (BIP327 session context).
/// Immutable and without secrets; any thread may use it.
public final class SigningSession {
    private static final long CACHE_OFFSET = 136;

    private final KeyAggContext context;
    private final AggregateNonce nonce;
    private final Bytes message32;

    // Off the heap and never written again, so that signing and verifying copy nothing.
    private final MemorySegment session;
    private final MemorySegment keyAggCache;

    // The x coordinate of the final nonce, then the s that a sum of no partial signatures has.
    private final byte[] emptySum;

    private SigningSession(
            KeyAggContext context,
            AggregateNonce nonce,
            Bytes message32,
            MemorySegment memory,
            byte[] emptySum) {
        this.context = context;
        this.nonce = nonce;
        this.message32 = message32;
        this.session = memory.asSlice(0, Sizes.SESSION);
        this.keyAggCache = memory.asSlice(CACHE_OFFSET, Sizes.KEYAGG_CACHE);
        this.emptySum = emptySum;
    }

    /// The session in which all signers of `context` sign `message32`.
    ///
    /// @param message32 32 bytes
    public static SigningSession of(KeyAggContext context, AggregateNonce nonce, Bytes message32) {
        message32.requireLength(32, "a message");
        MemorySegment memory =
                Arena.ofAuto().allocate(CACHE_OFFSET + Sizes.KEYAGG_CACHE, Sizes.POINTER);
        context.writeTo(memory.asSlice(CACHE_OFFSET));
        Scratch s = Scratch.take();
        try {
            Scratch.put(s.bytes32, message32.toArray());
            if (!LibSecp256k1.processNonce(
                    memory,
                    nonce.writeTo(s.aggregateNonce),
                    s.bytes32,
                    memory.asSlice(CACHE_OFFSET))) {
                throw failed("no session");
            }
            return new SigningSession(context, nonce, message32, memory, emptySum(memory, s));
        } finally {
            s.giveBack();
        }
    }

    /// Asks the library for the sum of one partial signature, zero: R and what the tweaks add to s.
    private static byte[] emptySum(MemorySegment session, Scratch s) {
        s.bytes32.fill((byte) 0);
        s.pointers.set(ValueLayout.ADDRESS, 0, s.partialSignature);
        if (!LibSecp256k1.parsePartial(s.partialSignature, s.bytes32)
                || !LibSecp256k1.aggregatePartials(s.bytes66, session, s.pointers, 1)) {
            throw failed("no final nonce");
        }
        return Scratch.get(s.bytes66, SchnorrSignature.BYTES);
    }

    private static NativeLibraryException failed(String what) {
        return new NativeLibraryException(NativeLibraryException.Code.CALL_FAILED, what);
    }

    /// The group and its tweaks.
    public KeyAggContext context() {
        return context;
    }

    /// Signs. The nonce is wiped in any case, even if signing is refused.
    ///
    /// The result is not verified here: the caller may [#verify] it before sending it.
    ///
    /// @throws NonceReusedException if the nonce was used or closed before
    /// @throws SigningRefusedException if the nonce was made for another key, or the key is not in
    ///   the group
    /// @throws IllegalStateException if the secret key was closed
    public PartialSignature sign(SecretNonce nonce, SecretKey key) {
        MemorySegment slot = nonce.consume();
        try {
            // BIP327 Sign: "Fail if pk ≠ secnonce[64:97]".
            if (!nonce.publicKey().equals(key.publicKey())) {
                throw new SigningRefusedException(
                        SigningRefusedException.Code.NONCE_FOR_ANOTHER_KEY,
                        "the nonce was made for another key");
            }
            // BIP327 GetSessionKeyAggCoeff: "Fail if pk not in pk1..u". The library does not check.
            context.requireMember(key.publicKey());
            return sign(slot, key);
        } finally {
            nonce.consumed();
        }
    }

    /// Writes only to the nonce's own slot.
    private PartialSignature sign(MemorySegment slot, SecretKey key) {
        MemorySegment partial = NonceGenerator.partialSignature(slot);
        boolean signed =
                key.use(own ->
                        LibSecp256k1.signPartial(
                                partial,
                                NonceGenerator.secretNonce(slot),
                                SecretKey.keypair(own),
                                keyAggCache,
                                session));
        if (!signed) {
            throw failed("signing failed");
        }
        return PartialSignature.made(partial, NonceGenerator.serialized(slot));
    }

    /// Whether a signer's partial signature is valid (BIP327 PartialSigVerify). An invalid one
    /// identifies the signer at fault, but proves nothing to a third party by itself, because
    /// partial signatures can be forged.
    ///
    /// @param nonce the public nonce that this signer sent, and that went into the aggregate
    /// @param key the signer's key
    /// @throws SigningRefusedException KEY_NOT_IN_GROUP for a stranger's key
    public boolean verify(PartialSignature signature, PublicNonce nonce, PublicKey key) {
        context.requireMember(key);
        Scratch s = Scratch.take();
        try {
            return LibSecp256k1.verifyPartial(
                    signature.writeTo(s),
                    nonce.writeTo(s.publicNonce, 0),
                    key.writeTo(s.publicKey, 0),
                    keyAggCache,
                    session);
        } finally {
            s.giveBack();
        }
    }

    /// The group's signature: the sum of the partial signatures of all signers (BIP327
    /// PartialSigAgg), verified (BIP340) under the aggregate key with its tweaks. There is no way
    /// to a sum that was not verified.
    ///
    /// @param signatures in the order of the group's keys
    /// @throws AggregationException WRONG_COUNT, REPEATED or INVALID_SUM; for the signer at fault
    ///   use [#aggregate(List, List)]
    public SchnorrSignature aggregate(List<PartialSignature> signatures) {
        SchnorrSignature sum = sum(signatures);
        if (!Schnorr.verify(context.xOnlyKey(), message32.toArray(), sum)) {
            requireNoneTwice(signatures);
            throw new AggregationException(
                    Code.INVALID_SUM,
                    "the partial signatures do not add up to a signature of this message under "
                            + context.xOnlyKey()
                            + ": at least one is of another message, tweak, nonce or signer");
        }
        return sum;
    }

    /// The same, naming the signer whose contribution is wrong.
    ///
    /// @param signatures in the order of the group's keys
    /// @param nonces the public nonces that the signers sent, in the same order
    /// @throws AggregationException WRONG_COUNT, NONCES_DIFFER, REPEATED or INVALID_PARTIAL
    public SchnorrSignature aggregate(List<PartialSignature> signatures, List<PublicNonce> nonces) {
        requireOneForEachKey(nonces.size(), "public nonces");
        SchnorrSignature sum = sum(signatures);
        if (Schnorr.verify(context.xOnlyKey(), message32.toArray(), sum)) {
            return sum;
        }
        if (!AggregateNonce.of(nonces).equals(nonce)) {
            throw new AggregationException(
                    Code.NONCES_DIFFER,
                    "the public nonces do not add up to the aggregate nonce that was signed under");
        }
        requireNoneTwice(signatures);
        for (int i = 0; i < signatures.size(); i++) {
            if (!verify(signatures.get(i), nonces.get(i), context.keys().get(i))) {
                throw new AggregationException(
                        Code.INVALID_PARTIAL,
                        i,
                        "the partial signature of signer " + i + " does not verify");
            }
        }
        throw failed("verified partial signatures add up to an invalid one");
    }

    private static void requireNoneTwice(List<PartialSignature> signatures) {
        Map<PartialSignature, Integer> first = HashMap.newHashMap(signatures.size());
        for (int i = 0; i < signatures.size(); i++) {
            Integer before = first.putIfAbsent(signatures.get(i), i);
            if (before != null) {
                throw new AggregationException(
                        Code.REPEATED,
                        i,
                        "the partial signature of signer " + i + " is that of signer " + before);
            }
        }
    }

    private void requireOneForEachKey(int count, String what) {
        if (count != context.keys().size()) {
            throw new AggregationException(
                    Code.WRONG_COUNT,
                    count + " " + what + " of " + context.keys().size() + " signers");
        }
    }

    /// The sum, which may be anything if a partial signature is.
    private SchnorrSignature sum(List<PartialSignature> signatures) {
        requireOneForEachKey(signatures.size(), "partial signatures");
        Scalar sum = Scalar.at(emptySum, PartialSignature.BYTES);
        for (PartialSignature signature : signatures) {
            sum = sum.plus(signature.value());
        }
        byte[] signature = emptySum.clone();
        sum.writeTo(signature, PartialSignature.BYTES);
        return new SchnorrSignature(Bytes.wrap(signature));
    }

    @Override
    public String toString() {
        return "SigningSession[" + context + "]";
    }
}
