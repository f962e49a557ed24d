package org.tutti.musig.musig;

import org.tutti.bytes.Bytes;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.musig.SigningRefusedException.Code;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.musig.secp256k1.LibSecp256k1;
import org.tutti.musig.secp256k1.NativeLibraryException;
import org.tutti.musig.secp256k1.Scratch;
import org.tutti.musig.secp256k1.Sizes;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Round two: one message, one group with its tweaks, one aggregate nonce (BIP327 session context).
/// Immutable and without secrets; any thread may use it.
public final class SigningSession {
    private final KeyAggContext context;
    private final byte[] session;

    private SigningSession(KeyAggContext context, byte[] session) {
        this.context = context;
        this.session = session;
    }

    /// The session in which all signers of `context` sign `message32`.
    ///
    /// @param message32 32 bytes
    public static SigningSession of(KeyAggContext context, AggregateNonce nonce, Bytes message32) {
        message32.requireLength(32, "a message");
        Scratch s = Scratch.take();
        try {
            Scratch.put(s.bytes32, message32.toArray());
            if (!LibSecp256k1.processNonce(
                    s.session,
                    nonce.writeTo(s.aggregateNonce),
                    s.bytes32,
                    context.writeTo(s.keyAggCache))) {
                throw new NativeLibraryException(
                        NativeLibraryException.Code.CALL_FAILED, "no session");
            }
            return new SigningSession(context, Scratch.get(s.session, Sizes.SESSION));
        } finally {
            s.giveBack();
        }
    }

    /// The group and its tweaks.
    public KeyAggContext context() {
        return context;
    }

    /// Signs. Whatever happens, even a refusal, the nonce is wiped and gone.
    ///
    /// The result is not verified here: whoever lets it leave the process may [#verify] it first.
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
                        Code.NONCE_FOR_ANOTHER_KEY, "the nonce was made for another key");
            }
            // BIP327 GetSessionKeyAggCoeff: "Fail if pk not in pk1..u". The library does not check.
            context.requireMember(key.publicKey());
            return sign(NonceGenerator.secretNonce(slot), key);
        } finally {
            nonce.consumed();
        }
    }

    private PartialSignature sign(MemorySegment secretNonce, SecretKey key) {
        Scratch s = Scratch.take();
        try {
            context.writeTo(s.keyAggCache);
            Scratch.put(s.session, session);
            boolean signed =
                    key.use(own ->
                            LibSecp256k1.signPartial(
                                    s.partialSignature,
                                    secretNonce,
                                    SecretKey.keypair(own),
                                    s.keyAggCache,
                                    s.session));
            if (!signed) {
                throw new NativeLibraryException(
                        NativeLibraryException.Code.CALL_FAILED, "signing failed");
            }
            return PartialSignature.made(s);
        } finally {
            s.giveBack();
        }
    }

    /// Whether a signer's partial signature holds (BIP327 PartialSigVerify). It names who is at
    /// fault; alone it proves nothing to a third party, because partial signatures can be forged.
    ///
    /// @param nonce the public nonce that this signer sent, and that went into the aggregate
    /// @param key the signer's key
    /// @throws SigningRefusedException KEY_NOT_IN_GROUP for a stranger's key
    public boolean verify(PartialSignature signature, PublicNonce nonce, PublicKey key) {
        context.requireMember(key);
        Scratch s = Scratch.take();
        try {
            return LibSecp256k1.verifyPartial(
                    signature.writeTo(s.partialSignature, 0),
                    nonce.writeTo(s.publicNonce, 0),
                    key.writeTo(s.publicKey, 0),
                    context.writeTo(s.keyAggCache),
                    Scratch.put(s.session, session));
        } finally {
            s.giveBack();
        }
    }

    /// Adds up the partial signatures of all signers (BIP327 PartialSigAgg). The result holds if
    /// each of them does; verify it before it is used.
    ///
    /// @throws IllegalArgumentException unless there is one for every key
    public SchnorrSignature aggregate(List<PartialSignature> signatures) {
        int count = signatures.size();
        if (count != context.keys().size()) {
            throw new IllegalArgumentException(
                    count + " partial signatures of " + context.keys().size() + " signers");
        }
        Scratch s = Scratch.take();
        try {
            if (count <= Scratch.LIST) {
                return aggregate(signatures, s, s.pointers, s.elements);
            }
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment elements = arena.allocate((long) count * Sizes.PARTIAL_SIGNATURE);
                return aggregate(signatures, s, NativeList.pointers(arena, count), elements);
            }
        } finally {
            s.giveBack();
        }
    }

    private SchnorrSignature aggregate(
            List<PartialSignature> signatures,
            Scratch s,
            MemorySegment pointers,
            MemorySegment elements) {
        int count = signatures.size();
        for (int i = 0; i < count; i++) {
            signatures.get(i).writeTo(elements, (long) i * Sizes.PARTIAL_SIGNATURE);
        }
        NativeList.point(pointers, elements, count, Sizes.PARTIAL_SIGNATURE);
        Scratch.put(s.session, session);
        if (!LibSecp256k1.aggregatePartials(s.bytes66, s.session, pointers, count)) {
            throw new NativeLibraryException(
                    NativeLibraryException.Code.CALL_FAILED, "aggregation failed");
        }
        return new SchnorrSignature(Bytes.wrap(Scratch.get(s.bytes66, SchnorrSignature.BYTES)));
    }

    @Override
    public String toString() {
        return "SigningSession[" + context + "]";
    }
}
