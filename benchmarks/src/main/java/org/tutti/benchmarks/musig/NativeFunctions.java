package org.tutti.benchmarks.musig;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import org.tutti.musig.secp256k1.NativeLibrary;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/// libsecp256k1's functions as the JDK calls them, with nothing of ours in between: what our
/// operations are measured against. Each returns whether the library returned 1.
@SuppressWarnings("restricted") // native access is what is measured
final class NativeFunctions {
    /// Bytes of the structures, as the headers of 0.7.1 have them.
    static final int POINTER = 8;

    static final int PUBLIC_KEY = 64;
    static final int XONLY_KEY = 64;
    static final int KEYPAIR = 96;
    static final int KEYAGG_CACHE = 197;
    static final int PUBLIC_NONCE = 132;
    static final int AGGREGATE_NONCE = 132;
    static final int SESSION = 133;
    static final int PARTIAL_SIGNATURE = 36;

    /// `SECP256K1_CONTEXT_NONE`.
    private static final int CONTEXT_NONE = 1;

    private static final SymbolLookup LIBRARY = lookup();
    private static final MethodHandle EC_PUBKEY_PARSE =
            handle("ec_pubkey_parse", ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    private static final MethodHandle KEYPAIR_CREATE =
            handle("keypair_create", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle KEYPAIR_PUB =
            handle("keypair_pub", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle XONLY_PUBKEY_PARSE =
            handle("xonly_pubkey_parse", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle SCHNORRSIG_SIGN_CUSTOM =
            handle(
                    "schnorrsig_sign_custom",
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    JAVA_LONG,
                    ADDRESS,
                    ADDRESS);
    private static final MethodHandle SCHNORRSIG_VERIFY =
            handle("schnorrsig_verify", ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
    private static final MethodHandle PUBKEY_AGG =
            handle("musig_pubkey_agg", ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    private static final MethodHandle NONCE_GEN =
            handle(
                    "musig_nonce_gen",
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS);
    private static final MethodHandle PUBNONCE_PARSE =
            handle("musig_pubnonce_parse", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle NONCE_AGG =
            handle("musig_nonce_agg", ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    private static final MethodHandle NONCE_PROCESS =
            handle("musig_nonce_process", ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle PARTIAL_SIGN =
            handle("musig_partial_sign", ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle PARTIAL_SIG_VERIFY =
            handle(
                    "musig_partial_sig_verify",
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS);
    private static final MethodHandle PARTIAL_SIG_PARSE =
            handle("musig_partial_sig_parse", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle PARTIAL_SIG_AGG =
            handle("musig_partial_sig_agg", ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    private static final MemorySegment CONTEXT = newContext();

    private NativeFunctions() {}

    /// The library that `musig` has loaded: both were loaded by one class loader.
    private static SymbolLookup lookup() {
        NativeLibrary.require();
        return SymbolLookup.loaderLookup();
    }

    private static MethodHandle handle(String name, MemoryLayout... arguments) {
        return Linker.nativeLinker()
                .downcallHandle(
                        LIBRARY.findOrThrow("secp256k1_" + name),
                        FunctionDescriptor.of(JAVA_INT, arguments));
    }

    private static MemorySegment newContext() {
        try {
            return (MemorySegment)
                    Linker.nativeLinker()
                            .downcallHandle(
                                    LIBRARY.findOrThrow("secp256k1_context_create"),
                                    FunctionDescriptor.of(ADDRESS, JAVA_INT))
                            .invokeExact(CONTEXT_NONE);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private static IllegalStateException failed(Throwable e) {
        return new IllegalStateException("the native call failed", e);
    }

    static boolean parsePublicKey(MemorySegment publicKey, MemorySegment input) {
        try {
            return (int) EC_PUBKEY_PARSE.invokeExact(CONTEXT, publicKey, input, input.byteSize())
                    == 1;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static boolean createKeypair(MemorySegment keypair, MemorySegment secretKey) {
        try {
            return (int) KEYPAIR_CREATE.invokeExact(CONTEXT, keypair, secretKey) == 1;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static boolean keypairPublicKey(MemorySegment publicKey, MemorySegment keypair) {
        try {
            return (int) KEYPAIR_PUB.invokeExact(CONTEXT, publicKey, keypair) == 1;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static boolean parseXOnlyKey(MemorySegment xOnlyKey, MemorySegment input) {
        try {
            return (int) XONLY_PUBKEY_PARSE.invokeExact(CONTEXT, xOnlyKey, input) == 1;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /// @param extra `secp256k1_schnorrsig_extraparams`
    static boolean signSchnorr(
            MemorySegment signature,
            MemorySegment message,
            MemorySegment keypair,
            MemorySegment extra) {
        try {
            return (int)
                            SCHNORRSIG_SIGN_CUSTOM.invokeExact(
                                    CONTEXT, signature, message, message.byteSize(), keypair, extra)
                    == 1;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static boolean verifySchnorr(
            MemorySegment signature, MemorySegment message, MemorySegment xOnlyKey) {
        try {
            return (int)
                            SCHNORRSIG_VERIFY.invokeExact(
                                    CONTEXT, signature, message, message.byteSize(), xOnlyKey)
                    == 1;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static boolean aggregateKeys(
            MemorySegment aggregate, MemorySegment cache, MemorySegment keys, long count) {
        try {
            return (int) PUBKEY_AGG.invokeExact(CONTEXT, aggregate, cache, keys, count) == 1;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static boolean generateNonce(
            MemorySegment secretNonce,
            MemorySegment publicNonce,
            MemorySegment random,
            MemorySegment secretKey,
            MemorySegment publicKey,
            MemorySegment message,
            MemorySegment cache,
            MemorySegment extra) {
        try {
            return (int)
                            NONCE_GEN.invokeExact(
                                    CONTEXT,
                                    secretNonce,
                                    publicNonce,
                                    random,
                                    secretKey,
                                    publicKey,
                                    message,
                                    cache,
                                    extra)
                    == 1;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static boolean parsePublicNonce(MemorySegment nonce, MemorySegment input) {
        try {
            return (int) PUBNONCE_PARSE.invokeExact(CONTEXT, nonce, input) == 1;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static boolean aggregateNonces(MemorySegment aggregate, MemorySegment nonces, long count) {
        try {
            return (int) NONCE_AGG.invokeExact(CONTEXT, aggregate, nonces, count) == 1;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static boolean processNonce(
            MemorySegment session,
            MemorySegment aggregateNonce,
            MemorySegment message,
            MemorySegment cache) {
        try {
            return (int) NONCE_PROCESS.invokeExact(CONTEXT, session, aggregateNonce, message, cache)
                    == 1;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static boolean signPartial(
            MemorySegment partial,
            MemorySegment secretNonce,
            MemorySegment keypair,
            MemorySegment cache,
            MemorySegment session) {
        try {
            return (int)
                            PARTIAL_SIGN.invokeExact(
                                    CONTEXT, partial, secretNonce, keypair, cache, session)
                    == 1;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static boolean verifyPartial(
            MemorySegment partial,
            MemorySegment publicNonce,
            MemorySegment publicKey,
            MemorySegment cache,
            MemorySegment session) {
        try {
            return (int)
                            PARTIAL_SIG_VERIFY.invokeExact(
                                    CONTEXT, partial, publicNonce, publicKey, cache, session)
                    == 1;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static boolean parsePartial(MemorySegment partial, MemorySegment input) {
        try {
            return (int) PARTIAL_SIG_PARSE.invokeExact(CONTEXT, partial, input) == 1;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static boolean aggregatePartials(
            MemorySegment signature, MemorySegment session, MemorySegment partials, long count) {
        try {
            return (int) PARTIAL_SIG_AGG.invokeExact(CONTEXT, signature, session, partials, count)
                    == 1;
        } catch (Throwable e) {
            throw failed(e);
        }
    }
}
