package org.tutti.musig.musig;

import org.tutti.base.Bytes;
import org.tutti.musig.NativeLibraryException;
import org.tutti.musig.internal.secp256k1.LibSecp256k1;
import org.tutti.musig.internal.secp256k1.Scratch;
import org.tutti.musig.internal.secp256k1.Secret;
import org.tutti.musig.internal.secp256k1.Sizes;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.musig.SigningRefusedException.Code;
import org.tutti.musig.schnorr.TaggedHash;

import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;

/// Round one: NonceGen of BIP327. Never deterministic: fresh randomness each time, and the secret
/// key, public key, aggregate key, message and `extraIn` as a hedge against a bad source of it.
public final class NonceGenerator {
    private static final long RANDOM_OFFSET = 192;
    private static final long PARTIAL_OFFSET = 136;
    private static final long SERIALIZED_OFFSET = 192;

    private NonceGenerator() {}

    /// A nonce pair for one signature of one message under one aggregate key.
    ///
    /// @param key the signer's secret key
    /// @param publicKey its public key, which must be in `context`
    /// @param context the group with the tweaks of this message
    /// @param message32 the 32 bytes to be signed
    /// @param extraIn what never repeats: session id, attempt, input, leaf. 32 bytes are taken as
    ///   they are, any other length is hashed to 32
    /// @param random the system's; 32 fresh bytes are drawn
    /// @throws SigningRefusedException if the public key is not the secret key's, or not in the
    ///   group
    /// @throws IllegalStateException if the secret key was closed, or [SecretNonce#MAX_LIVE_NONCES]
    ///   are alive
    public static NoncePair generate(
            SecretKey key,
            PublicKey publicKey,
            KeyAggContext context,
            Bytes message32,
            Bytes extraIn,
            SecureRandom random) {
        message32.requireLength(32, "a message");
        // libsecp256k1 does not notice a mismatched pair: "will not cause the function to return
        // 0".
        if (!publicKey.equals(key.publicKey())) {
            throw new SigningRefusedException(
                    Code.NONCE_FOR_ANOTHER_KEY, "the public key is not the secret key's");
        }
        context.requireMember(publicKey);
        Secret secret = new Secret(SecretNonce.SLOTS);
        boolean made = false;
        try {
            PublicNonce pub = generate(secret, key, context, message32, extra32(extraIn), random);
            NoncePair pair = new NoncePair(new SecretNonce(secret, key.publicKey()), pub);
            made = true;
            return pair;
        } finally {
            if (!made) {
                secret.close();
            }
        }
    }

    private static Bytes extra32(Bytes extraIn) {
        return extraIn.length() == 32 ? extraIn : TaggedHash.of("tutti/nonce-extra", extraIn);
    }

    private static PublicNonce generate(
            Secret secret,
            SecretKey key,
            KeyAggContext context,
            Bytes message32,
            Bytes extra32,
            SecureRandom random) {
        MemorySegment slot = Objects.requireNonNull(secret.acquire(), "fresh");
        MemorySegment fresh = slot.asSlice(RANDOM_OFFSET, 32);
        Scratch s = Scratch.take();
        try {
            Scratch.put(s.bytes32, message32.toArray());
            Scratch.put(s.more32, extra32.toArray());
            key.publicKey().writeTo(s.publicKey, 0);
            context.writeTo(s.keyAggCache);
            draw(random, fresh);
            boolean made =
                    key.use(own ->
                            LibSecp256k1.generateNonce(
                                    slot,
                                    s.publicNonce,
                                    fresh,
                                    SecretKey.scalar(own),
                                    s.publicKey,
                                    s.bytes32,
                                    s.keyAggCache,
                                    s.more32));
            if (!made) {
                throw new NativeLibraryException(
                        NativeLibraryException.Code.CALL_FAILED,
                        "nonce generation failed; is the randomness all zeros?");
            }
            return PublicNonce.generated(s);
        } finally {
            // The library wipes it only when it succeeds.
            fresh.fill((byte) 0);
            s.giveBack();
            secret.release();
        }
    }

    private static void draw(SecureRandom random, MemorySegment target) {
        byte[] fresh = new byte[32];
        try {
            random.nextBytes(fresh);
            Scratch.put(target, fresh);
        } finally {
            Arrays.fill(fresh, (byte) 0);
        }
    }

    /// Room in a slot for the partial signature that its nonce makes.
    static MemorySegment partialSignature(MemorySegment slot) {
        return slot.asSlice(PARTIAL_OFFSET, Sizes.PARTIAL_SIGNATURE);
    }

    /// Room in a slot for that signature's 32 bytes.
    static MemorySegment serialized(MemorySegment slot) {
        return slot.asSlice(SERIALIZED_OFFSET, PartialSignature.BYTES);
    }

    /// The part of a slot that libsecp256k1's secret nonce takes.
    static MemorySegment secretNonce(MemorySegment slot) {
        return slot.asSlice(0, Sizes.SECRET_NONCE);
    }
}
