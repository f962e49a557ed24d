package org.tutti.musig.keys;

import org.jspecify.annotations.Nullable;
import org.tutti.musig.NativeLibraryException;
import org.tutti.musig.internal.secp256k1.LibSecp256k1;
import org.tutti.musig.internal.secp256k1.Scratch;
import org.tutti.musig.internal.secp256k1.Secret;
import org.tutti.musig.internal.secp256k1.SecretSlots;
import org.tutti.musig.internal.secp256k1.Sizes;
import org.tutti.musig.keys.KeyException.Code;
import org.tutti.musig.memory.MemoryProtection;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;

/// A secret key: a scalar in 1…n-1 that lives outside the heap, so that the garbage collector
/// leaves no copies of it, with the key pair that libsecp256k1 signs with. [#close()] wipes it;
/// forgotten ones are wiped when the collector finds them.
///
/// `toString` is redacted, and there is no `equals`: compare public keys.
///
/// Threads: any number may sign with one key; closing meanwhile is safe, the last user wipes.
public final class SecretKey implements AutoCloseable {
    /// Bytes of a secret key, big-endian.
    public static final int BYTES = 32;

    /// How many secret keys a process may hold at once.
    public static final int MAX_LIVE_KEYS = 1 << 16;

    private static final long KEYPAIR_OFFSET = 64;

    /// Seen by tests.
    static final SecretSlots SLOTS =
            new SecretSlots(
                    MAX_LIVE_KEYS,
                    "secret keys",
                    "close each SecretKey and ExtendedPrivateKey that is not needed any more");

    private static final Cleaner CLEANER = Cleaner.create();

    private final Secret secret;
    private final PublicKey publicKey;
    private final Cleaner.Cleanable cleanable;

    private SecretKey(Secret secret, PublicKey publicKey) {
        this.secret = secret;
        this.publicKey = publicKey;
        this.cleanable = CLEANER.register(this, secret::close);
    }

    /// The key with these 32 bytes, big-endian. They are copied: the caller wipes its array.
    ///
    /// @throws KeyException WRONG_LENGTH or SECRET_OUT_OF_RANGE; never says which bytes
    public static SecretKey of(byte[] bytes) throws KeyException {
        if (bytes.length != BYTES) {
            throw new KeyException(
                    Code.WRONG_LENGTH, "a secret key has 32 bytes, not " + bytes.length);
        }
        SecretKey key = fromScalar(bytes);
        if (key == null) {
            throw new KeyException(
                    Code.SECRET_OUT_OF_RANGE, "a secret key is a number in 1…n-1, this is not");
        }
        return key;
    }

    /// A fresh key.
    public static SecretKey generate(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        try {
            while (true) {
                random.nextBytes(bytes);
                SecretKey key = fromScalar(bytes);
                if (key != null) {
                    return key;
                }
            }
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static @Nullable SecretKey fromScalar(byte[] scalar) {
        Secret secret = new Secret(SLOTS);
        MemorySegment slot = Objects.requireNonNull(secret.acquire(), "fresh");
        boolean made = false;
        try {
            Scratch.put(slot, scalar);
            if (!LibSecp256k1.createKeypair(keypair(slot), slot)) {
                return null;
            }
            SecretKey key = new SecretKey(secret, publicKeyOf(slot));
            made = true;
            return key;
        } finally {
            secret.release();
            if (!made) {
                secret.close();
            }
        }
    }

    private static PublicKey publicKeyOf(MemorySegment slot) {
        Scratch s = Scratch.take();
        try {
            if (!LibSecp256k1.keypairPublicKey(s.publicKey, keypair(slot))) {
                throw new NativeLibraryException(
                        NativeLibraryException.Code.CALL_FAILED, "a key pair has no public key");
            }
            return PublicKey.ofParsed(s.publicKey);
        } finally {
            s.giveBack();
        }
    }

    /// The public half.
    public PublicKey publicKey() {
        return publicKey;
    }

    /// The 32 bytes, for a key store and nothing else: the caller wipes them.
    ///
    /// @throws IllegalStateException if the key was closed
    public byte[] export() {
        return use(slot -> Scratch.get(slot, BYTES));
    }

    /// This key plus a tweak (BIP32's child, BIP341's output key).
    ///
    /// @param tweak32 32 bytes, below n
    /// @throws KeyException SECRET_OUT_OF_RANGE if the tweak or the sum is not a valid key
    public SecretKey plus(byte[] tweak32) throws KeyException {
        return derive(tweak32, false);
    }

    /// The key whose public half has an even y, plus a tweak: the secret key of a Taproot output.
    ///
    /// @param tweak32 32 bytes, below n
    /// @throws KeyException SECRET_OUT_OF_RANGE if the tweak or the sum is not a valid key
    public SecretKey plusXOnly(byte[] tweak32) throws KeyException {
        return derive(tweak32, publicKey.hasOddY());
    }

    private SecretKey derive(byte[] tweak32, boolean negateFirst) throws KeyException {
        if (tweak32.length != BYTES) {
            throw new KeyException(
                    Code.WRONG_LENGTH, "a tweak has 32 bytes, not " + tweak32.length);
        }
        byte[] scalar = use(slot -> derivedScalar(slot, tweak32, negateFirst));
        try {
            return of(scalar);
        } finally {
            Arrays.fill(scalar, (byte) 0);
        }
    }

    /// All zeros, which is not a valid key, if the library refuses.
    private static byte[] derivedScalar(MemorySegment own, byte[] tweak32, boolean negateFirst) {
        Secret sum = new Secret(SLOTS);
        MemorySegment slot = Objects.requireNonNull(sum.consume(), "fresh");
        try {
            slot.copyFrom(own.asSlice(0, BYTES));
            MemorySegment tweak = Scratch.put(slot.asSlice(BYTES, BYTES), tweak32);
            boolean made =
                    (!negateFirst || LibSecp256k1.negateSecretKey(slot))
                            && LibSecp256k1.tweakAddSecretKey(slot, tweak);
            return made ? Scratch.get(slot, BYTES) : new byte[BYTES];
        } finally {
            sum.consumed();
        }
    }

    /// A use of the slot, during which it is not wiped.
    @FunctionalInterface
    public interface Use<R> {
        /// Reads `slot`: pass it to [#scalar] or [#keypair], keep nothing of it.
        R with(MemorySegment slot);
    }

    /// Gives the packages of this module access to the secret memory for one call.
    ///
    /// @throws IllegalStateException if the key was closed
    public <R> R use(Use<R> use) {
        MemorySegment slot = secret.acquire();
        if (slot == null) {
            throw new IllegalStateException("the secret key was wiped");
        }
        try {
            return use.with(slot);
        } finally {
            secret.release();
            // Until here the collector must not find this key unused and wipe the slot.
            Reference.reachabilityFence(this);
        }
    }

    /// The 32-byte scalar in a lent slot.
    public static MemorySegment scalar(MemorySegment slot) {
        return slot.asSlice(0, BYTES);
    }

    /// libsecp256k1's key pair in a lent slot.
    public static MemorySegment keypair(MemorySegment slot) {
        return slot.asSlice(KEYPAIR_OFFSET, Sizes.KEYPAIR);
    }

    /// Wipes the key; nothing can be signed with it from now on. Idempotent.
    @Override
    public void close() {
        cleanable.clean();
    }

    /// Says whose key it is, not what it is.
    @Override
    public String toString() {
        return "SecretKey[redacted, public " + publicKey + "]";
    }

    /// How far the system protects the memory that secret keys of this process lie in.
    public static MemoryProtection memoryProtection() {
        return SLOTS.protection();
    }
}
