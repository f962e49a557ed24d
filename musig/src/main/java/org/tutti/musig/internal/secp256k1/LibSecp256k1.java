package org.tutti.musig.internal.secp256k1;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import org.jspecify.annotations.Nullable;
import org.tutti.musig.NativeLibraryException;
import org.tutti.musig.NativeLibraryException.Code;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// libsecp256k1's functions, one method each, on one context of our own.
///
/// Every method checks the sizes of its segments (IllegalArgumentException) and returns whether the
/// library returned 1. The illegal-argument callback is ours and does nothing: instead of aborting
/// the process a function then returns 0, as for every other failure, so the return value alone
/// tells the caller of this very call, on this very thread. Without the library every method throws
/// [NativeLibraryException].
///
/// Threads: the context is made, given its callback and randomised while this class initialises,
/// and only read afterwards, which libsecp256k1 allows from any number of threads.
///
/// Longer than 400 lines because the list of functions is: each method is the same four lines.
public final class LibSecp256k1 {
    /// `SECP256K1_EC_COMPRESSED`.
    public static final int COMPRESSED = (1 << 1) | (1 << 8);

    private static final Linking LINK = Linking.start();

    private static final MethodHandle EC_PUBKEY_PARSE =
            LINK.handle("secp256k1_ec_pubkey_parse", ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    private static final MethodHandle EC_PUBKEY_SERIALIZE =
            LINK.handle(
                    "secp256k1_ec_pubkey_serialize", ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle EC_PUBKEY_CREATE =
            LINK.handle("secp256k1_ec_pubkey_create", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle EC_PUBKEY_TWEAK_ADD =
            LINK.handle("secp256k1_ec_pubkey_tweak_add", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle EC_SECKEY_TWEAK_ADD =
            LINK.handle("secp256k1_ec_seckey_tweak_add", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle EC_SECKEY_NEGATE =
            LINK.handle("secp256k1_ec_seckey_negate", ADDRESS, ADDRESS);
    private static final MethodHandle ECDSA_SIGNATURE_PARSE_COMPACT =
            LINK.handle("secp256k1_ecdsa_signature_parse_compact", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle ECDSA_SIGNATURE_NORMALIZE =
            LINK.handle("secp256k1_ecdsa_signature_normalize", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle ECDSA_VERIFY =
            LINK.handle("secp256k1_ecdsa_verify", ADDRESS, ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle KEYPAIR_CREATE =
            LINK.handle("secp256k1_keypair_create", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle KEYPAIR_PUB =
            LINK.handle("secp256k1_keypair_pub", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle XONLY_PUBKEY_PARSE =
            LINK.handle("secp256k1_xonly_pubkey_parse", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle XONLY_PUBKEY_SERIALIZE =
            LINK.handle("secp256k1_xonly_pubkey_serialize", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle SCHNORRSIG_SIGN_CUSTOM =
            LINK.handle(
                    "secp256k1_schnorrsig_sign_custom",
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    JAVA_LONG,
                    ADDRESS,
                    ADDRESS);
    private static final MethodHandle SCHNORRSIG_VERIFY =
            LINK.handle(
                    "secp256k1_schnorrsig_verify", ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
    private static final MethodHandle MUSIG_PUBKEY_AGG =
            LINK.handle(
                    "secp256k1_musig_pubkey_agg", ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    private static final MethodHandle MUSIG_PUBKEY_GET =
            LINK.handle("secp256k1_musig_pubkey_get", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle MUSIG_PUBKEY_EC_TWEAK_ADD =
            LINK.handle("secp256k1_musig_pubkey_ec_tweak_add", ADDRESS, ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle MUSIG_PUBKEY_XONLY_TWEAK_ADD =
            LINK.handle(
                    "secp256k1_musig_pubkey_xonly_tweak_add", ADDRESS, ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle MUSIG_NONCE_GEN =
            LINK.handle(
                    "secp256k1_musig_nonce_gen",
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS);
    private static final MethodHandle MUSIG_PUBNONCE_PARSE =
            LINK.handle("secp256k1_musig_pubnonce_parse", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle MUSIG_PUBNONCE_SERIALIZE =
            LINK.handle("secp256k1_musig_pubnonce_serialize", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle MUSIG_AGGNONCE_PARSE =
            LINK.handle("secp256k1_musig_aggnonce_parse", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle MUSIG_AGGNONCE_SERIALIZE =
            LINK.handle("secp256k1_musig_aggnonce_serialize", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle MUSIG_NONCE_AGG =
            LINK.handle("secp256k1_musig_nonce_agg", ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    private static final MethodHandle MUSIG_NONCE_PROCESS =
            LINK.handle(
                    "secp256k1_musig_nonce_process", ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle MUSIG_PARTIAL_SIGN =
            LINK.handle(
                    "secp256k1_musig_partial_sign",
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS);
    private static final MethodHandle MUSIG_PARTIAL_SIG_VERIFY =
            LINK.handle(
                    "secp256k1_musig_partial_sig_verify",
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS);
    private static final MethodHandle MUSIG_PARTIAL_SIG_PARSE =
            LINK.handle("secp256k1_musig_partial_sig_parse", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle MUSIG_PARTIAL_SIG_SERIALIZE =
            LINK.handle("secp256k1_musig_partial_sig_serialize", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle MUSIG_PARTIAL_SIG_AGG =
            LINK.handle(
                    "secp256k1_musig_partial_sig_agg",
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    JAVA_LONG);

    private static final MemorySegment CONTEXT = LINK.newContext();

    // Last: everything above is in place when the test runs.
    private static final Linking.@Nullable Failure FAILURE = LINK.failureAfter(SelfTest::run);

    private LibSecp256k1() {}

    /// Returns if the native library is there and passed its self-test.
    ///
    /// @throws NativeLibraryException saying why it cannot be used
    public static void require() {
        context();
    }

    private static MemorySegment context() {
        if (FAILURE != null) {
            throw new NativeLibraryException(FAILURE.code(), FAILURE.message());
        }
        return CONTEXT;
    }

    private static void need(MemorySegment segment, long bytes) {
        if (segment.byteSize() < bytes) {
            throw new IllegalArgumentException(
                    "the native call needs " + bytes + " bytes, not " + segment.byteSize());
        }
    }

    /// NULL is allowed.
    private static void optional(MemorySegment segment, long bytes) {
        if (segment.address() != 0) {
            need(segment, bytes);
        }
    }

    /// A downcall throws nothing of its own but for arguments that we have checked.
    private static RuntimeException unexpected(Throwable e) {
        if (e instanceof RuntimeException runtime) {
            return runtime;
        }
        if (e instanceof Error error) {
            throw error;
        }
        return new NativeLibraryException(Code.CALL_FAILED, "the native call failed: " + e, e);
    }

    /// Parses a 33-byte compressed (or 65-byte) public key; false if it is invalid.
    public static boolean parsePublicKey(MemorySegment publicKey, MemorySegment input) {
        need(publicKey, Sizes.PUBLIC_KEY);
        try {
            return (int) EC_PUBKEY_PARSE.invokeExact(context(), publicKey, input, input.byteSize())
                    == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Writes the encoding that `flags` asks for; `length` holds the room and then the bytes
    /// written.
    public static boolean serializePublicKey(
            MemorySegment output, MemorySegment length, MemorySegment publicKey, int flags) {
        need(output, 33);
        need(length, 8);
        need(publicKey, Sizes.PUBLIC_KEY);
        try {
            return (int)
                            EC_PUBKEY_SERIALIZE.invokeExact(
                                    context(), output, length, publicKey, flags)
                    == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// The public key of a secret key; false if that is not in 1…n-1.
    public static boolean createPublicKey(MemorySegment publicKey, MemorySegment secretKey) {
        need(publicKey, Sizes.PUBLIC_KEY);
        need(secretKey, 32);
        try {
            return (int) EC_PUBKEY_CREATE.invokeExact(context(), publicKey, secretKey) == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Adds tweak·G in place; false if the tweak is not below n or the sum is infinity.
    public static boolean tweakAddPublicKey(MemorySegment publicKey, MemorySegment tweak) {
        need(publicKey, Sizes.PUBLIC_KEY);
        need(tweak, 32);
        try {
            return (int) EC_PUBKEY_TWEAK_ADD.invokeExact(context(), publicKey, tweak) == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Adds the tweak in place; false if it is not below n or the sum is zero.
    public static boolean tweakAddSecretKey(MemorySegment secretKey, MemorySegment tweak) {
        need(secretKey, 32);
        need(tweak, 32);
        try {
            return (int) EC_SECKEY_TWEAK_ADD.invokeExact(context(), secretKey, tweak) == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Negates in place; false if the scalar is not in 1…n-1.
    public static boolean negateSecretKey(MemorySegment secretKey) {
        need(secretKey, 32);
        try {
            return (int) EC_SECKEY_NEGATE.invokeExact(context(), secretKey) == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Parses r and s, 32 bytes each, big-endian; false if one of them is not below n.
    public static boolean parseEcdsaSignature(MemorySegment signature, MemorySegment input) {
        need(signature, Sizes.ECDSA_SIGNATURE);
        need(input, 64);
        try {
            return (int) ECDSA_SIGNATURE_PARSE_COMPACT.invokeExact(context(), signature, input)
                    == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Writes the signature with the lower one of s and -s; whether s was the higher one.
    public static boolean normalizeEcdsaSignature(MemorySegment output, MemorySegment signature) {
        need(output, Sizes.ECDSA_SIGNATURE);
        need(signature, Sizes.ECDSA_SIGNATURE);
        try {
            return (int) ECDSA_SIGNATURE_NORMALIZE.invokeExact(context(), output, signature) == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Whether an ECDSA signature over a hash of 32 bytes is valid; one with the higher s is not.
    public static boolean verifyEcdsa(
            MemorySegment signature, MemorySegment hash, MemorySegment publicKey) {
        need(signature, Sizes.ECDSA_SIGNATURE);
        need(hash, 32);
        need(publicKey, Sizes.PUBLIC_KEY);
        try {
            return (int) ECDSA_VERIFY.invokeExact(context(), signature, hash, publicKey) == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// The key pair of a secret key; false if that is not in 1…n-1.
    public static boolean createKeypair(MemorySegment keypair, MemorySegment secretKey) {
        need(keypair, Sizes.KEYPAIR);
        need(secretKey, 32);
        try {
            return (int) KEYPAIR_CREATE.invokeExact(context(), keypair, secretKey) == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// The public half of a key pair.
    public static boolean keypairPublicKey(MemorySegment publicKey, MemorySegment keypair) {
        need(publicKey, Sizes.PUBLIC_KEY);
        need(keypair, Sizes.KEYPAIR);
        try {
            return (int) KEYPAIR_PUB.invokeExact(context(), publicKey, keypair) == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Parses a 32-byte x-only public key; false if it is invalid.
    public static boolean parseXOnlyKey(MemorySegment xOnlyKey, MemorySegment input) {
        need(xOnlyKey, Sizes.XONLY_KEY);
        need(input, 32);
        try {
            return (int) XONLY_PUBKEY_PARSE.invokeExact(context(), xOnlyKey, input) == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Writes the 32 bytes of an x-only key.
    public static boolean serializeXOnlyKey(MemorySegment output, MemorySegment xOnlyKey) {
        need(output, 32);
        need(xOnlyKey, Sizes.XONLY_KEY);
        try {
            return (int) XONLY_PUBKEY_SERIALIZE.invokeExact(context(), output, xOnlyKey) == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// BIP340 signature over a message of any length.
    public static boolean signSchnorr(
            MemorySegment signature,
            MemorySegment message,
            MemorySegment keypair,
            MemorySegment extraParams) {
        need(signature, 64);
        need(keypair, Sizes.KEYPAIR);
        need(extraParams, Sizes.SCHNORR_EXTRA_PARAMS);
        try {
            return (int)
                            SCHNORRSIG_SIGN_CUSTOM.invokeExact(
                                    context(),
                                    signature,
                                    message,
                                    message.byteSize(),
                                    keypair,
                                    extraParams)
                    == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Whether a BIP340 signature over a message of any length is valid.
    public static boolean verifySchnorr(
            MemorySegment signature, MemorySegment message, MemorySegment xOnlyKey) {
        need(signature, 64);
        need(xOnlyKey, Sizes.XONLY_KEY);
        try {
            return (int)
                            SCHNORRSIG_VERIFY.invokeExact(
                                    context(), signature, message, message.byteSize(), xOnlyKey)
                    == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// KeyAgg over `count` pointers to parsed public keys, which must be valid for the call.
    public static boolean aggregateKeys(
            MemorySegment xOnlyKey, MemorySegment keyAggCache, MemorySegment pointers, long count) {
        optional(xOnlyKey, Sizes.XONLY_KEY);
        need(keyAggCache, Sizes.KEYAGG_CACHE);
        need(pointers, count * Sizes.POINTER);
        try {
            return (int)
                            MUSIG_PUBKEY_AGG.invokeExact(
                                    context(), xOnlyKey, keyAggCache, pointers, count)
                    == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// The full aggregate key.
    public static boolean aggregateKey(MemorySegment publicKey, MemorySegment keyAggCache) {
        need(publicKey, Sizes.PUBLIC_KEY);
        need(keyAggCache, Sizes.KEYAGG_CACHE);
        try {
            return (int) MUSIG_PUBKEY_GET.invokeExact(context(), publicKey, keyAggCache) == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Plain tweak in place; false if the tweak is not below n or the sum is infinity.
    public static boolean plainTweak(
            MemorySegment publicKey, MemorySegment keyAggCache, MemorySegment tweak) {
        optional(publicKey, Sizes.PUBLIC_KEY);
        need(keyAggCache, Sizes.KEYAGG_CACHE);
        need(tweak, 32);
        try {
            return (int)
                            MUSIG_PUBKEY_EC_TWEAK_ADD.invokeExact(
                                    context(), publicKey, keyAggCache, tweak)
                    == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// X-only tweak in place; false if the tweak is not below n or the sum is infinity.
    public static boolean xOnlyTweak(
            MemorySegment publicKey, MemorySegment keyAggCache, MemorySegment tweak) {
        optional(publicKey, Sizes.PUBLIC_KEY);
        need(keyAggCache, Sizes.KEYAGG_CACHE);
        need(tweak, 32);
        try {
            return (int)
                            MUSIG_PUBKEY_XONLY_TWEAK_ADD.invokeExact(
                                    context(), publicKey, keyAggCache, tweak)
                    == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// NonceGen; wipes `random` when it succeeds.
    public static boolean generateNonce(
            MemorySegment secretNonce,
            MemorySegment publicNonce,
            MemorySegment random,
            MemorySegment secretKey,
            MemorySegment publicKey,
            MemorySegment message,
            MemorySegment keyAggCache,
            MemorySegment extra) {
        need(secretNonce, Sizes.SECRET_NONCE);
        need(publicNonce, Sizes.PUBLIC_NONCE);
        need(random, 32);
        optional(secretKey, 32);
        need(publicKey, Sizes.PUBLIC_KEY);
        optional(message, 32);
        optional(keyAggCache, Sizes.KEYAGG_CACHE);
        optional(extra, 32);
        try {
            return (int)
                            MUSIG_NONCE_GEN.invokeExact(
                                    context(),
                                    secretNonce,
                                    publicNonce,
                                    random,
                                    secretKey,
                                    publicKey,
                                    message,
                                    keyAggCache,
                                    extra)
                    == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Parses 66 bytes; false if they are not a public nonce.
    public static boolean parsePublicNonce(MemorySegment publicNonce, MemorySegment input) {
        need(publicNonce, Sizes.PUBLIC_NONCE);
        need(input, 66);
        try {
            return (int) MUSIG_PUBNONCE_PARSE.invokeExact(context(), publicNonce, input) == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Writes the 66 bytes of a public nonce.
    public static boolean serializePublicNonce(MemorySegment output, MemorySegment publicNonce) {
        need(output, 66);
        need(publicNonce, Sizes.PUBLIC_NONCE);
        try {
            return (int) MUSIG_PUBNONCE_SERIALIZE.invokeExact(context(), output, publicNonce) == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Parses 66 bytes, zeros standing for infinity; false if they are not an aggregate nonce.
    public static boolean parseAggregateNonce(MemorySegment aggregateNonce, MemorySegment input) {
        need(aggregateNonce, Sizes.AGGREGATE_NONCE);
        need(input, 66);
        try {
            return (int) MUSIG_AGGNONCE_PARSE.invokeExact(context(), aggregateNonce, input) == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Writes the 66 bytes of an aggregate nonce.
    public static boolean serializeAggregateNonce(
            MemorySegment output, MemorySegment aggregateNonce) {
        need(output, 66);
        need(aggregateNonce, Sizes.AGGREGATE_NONCE);
        try {
            return (int) MUSIG_AGGNONCE_SERIALIZE.invokeExact(context(), output, aggregateNonce)
                    == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// NonceAgg over `count` pointers to parsed public nonces, which must be valid for the call.
    public static boolean aggregateNonces(
            MemorySegment aggregateNonce, MemorySegment pointers, long count) {
        need(aggregateNonce, Sizes.AGGREGATE_NONCE);
        need(pointers, count * Sizes.POINTER);
        try {
            return (int) MUSIG_NONCE_AGG.invokeExact(context(), aggregateNonce, pointers, count)
                    == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// The session of a message under an aggregate nonce and key.
    public static boolean processNonce(
            MemorySegment session,
            MemorySegment aggregateNonce,
            MemorySegment message,
            MemorySegment keyAggCache) {
        need(session, Sizes.SESSION);
        need(aggregateNonce, Sizes.AGGREGATE_NONCE);
        need(message, 32);
        need(keyAggCache, Sizes.KEYAGG_CACHE);
        try {
            return (int)
                            MUSIG_NONCE_PROCESS.invokeExact(
                                    context(), session, aggregateNonce, message, keyAggCache)
                    == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Signs and wipes the secret nonce, whatever the outcome; false if that was spent or made for
    /// another key.
    public static boolean signPartial(
            MemorySegment partialSignature,
            MemorySegment secretNonce,
            MemorySegment keypair,
            MemorySegment keyAggCache,
            MemorySegment session) {
        need(partialSignature, Sizes.PARTIAL_SIGNATURE);
        need(secretNonce, Sizes.SECRET_NONCE);
        need(keypair, Sizes.KEYPAIR);
        need(keyAggCache, Sizes.KEYAGG_CACHE);
        need(session, Sizes.SESSION);
        try {
            return (int)
                            MUSIG_PARTIAL_SIGN.invokeExact(
                                    context(),
                                    partialSignature,
                                    secretNonce,
                                    keypair,
                                    keyAggCache,
                                    session)
                    == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Whether a signer's partial signature is valid.
    public static boolean verifyPartial(
            MemorySegment partialSignature,
            MemorySegment publicNonce,
            MemorySegment publicKey,
            MemorySegment keyAggCache,
            MemorySegment session) {
        need(partialSignature, Sizes.PARTIAL_SIGNATURE);
        need(publicNonce, Sizes.PUBLIC_NONCE);
        need(publicKey, Sizes.PUBLIC_KEY);
        need(keyAggCache, Sizes.KEYAGG_CACHE);
        need(session, Sizes.SESSION);
        try {
            return (int)
                            MUSIG_PARTIAL_SIG_VERIFY.invokeExact(
                                    context(),
                                    partialSignature,
                                    publicNonce,
                                    publicKey,
                                    keyAggCache,
                                    session)
                    == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Parses 32 bytes; false if they are not below n.
    public static boolean parsePartial(MemorySegment partialSignature, MemorySegment input) {
        need(partialSignature, Sizes.PARTIAL_SIGNATURE);
        need(input, 32);
        try {
            return (int) MUSIG_PARTIAL_SIG_PARSE.invokeExact(context(), partialSignature, input)
                    == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Writes the 32 bytes of a partial signature.
    public static boolean serializePartial(MemorySegment output, MemorySegment partialSignature) {
        need(output, 32);
        need(partialSignature, Sizes.PARTIAL_SIGNATURE);
        try {
            return (int)
                            MUSIG_PARTIAL_SIG_SERIALIZE.invokeExact(
                                    context(), output, partialSignature)
                    == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Adds up `count` pointers to parsed partial signatures, which must be valid for the call.
    public static boolean aggregatePartials(
            MemorySegment signature, MemorySegment session, MemorySegment pointers, long count) {
        need(signature, 64);
        need(session, Sizes.SESSION);
        need(pointers, count * Sizes.POINTER);
        try {
            return (int)
                            MUSIG_PARTIAL_SIG_AGG.invokeExact(
                                    context(), signature, session, pointers, count)
                    == 1;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }
}
