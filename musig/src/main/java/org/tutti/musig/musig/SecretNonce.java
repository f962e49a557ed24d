package org.tutti.musig.musig;

import org.tutti.musig.internal.secp256k1.Secret;
import org.tutti.musig.internal.secp256k1.SecretSlots;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.memory.MemoryProtection;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;

/// A secret nonce. Lives outside the heap, belongs to one public key, and signs once: the first
/// attempt consumes and wipes it, every other one throws. [#close()] wipes it unused; forgotten
/// ones are wiped when the collector finds them. It cannot be copied, written down or read back.
///
/// Threads: of any number that sign with one nonce at once, exactly one gets a signature.
public final class SecretNonce implements AutoCloseable {
    /// How many secret nonces a process may hold at once.
    public static final int MAX_LIVE_NONCES = 1 << 16;

    static final SecretSlots SLOTS =
            new SecretSlots(
                    MAX_LIVE_NONCES,
                    "secret nonces",
                    "close each FirstRound or SecretNonce that will not sign any more");
    private static final Cleaner CLEANER = Cleaner.create();

    private final Secret secret;
    private final PublicKey publicKey;
    private final Cleaner.Cleanable cleanable;

    SecretNonce(Secret secret, PublicKey publicKey) {
        this.secret = secret;
        this.publicKey = publicKey;
        this.cleanable = CLEANER.register(this, secret::close);
    }

    /// The key that it was made for and can sign for.
    public PublicKey publicKey() {
        return publicKey;
    }

    /// Whether it was used or wiped.
    public boolean isSpent() {
        return secret.isClosed();
    }

    /// The memory for its only use; [#consumed()] must follow.
    ///
    /// @throws NonceReusedException if another was first
    MemorySegment consume() {
        MemorySegment slot = secret.consume();
        if (slot == null) {
            throw new NonceReusedException();
        }
        return slot;
    }

    /// Wipes the memory after [#consume()]. The collector's notice is left to run empty.
    void consumed() {
        secret.consumed();
    }

    /// Wipes it if it was not used. Idempotent.
    @Override
    public void close() {
        cleanable.clean();
    }

    /// Says whose it is, not what it is.
    @Override
    public String toString() {
        return "SecretNonce[redacted, for " + publicKey + "]";
    }

    /// How far the system protects the memory that secret nonces of this process lie in.
    public static MemoryProtection memoryProtection() {
        return SLOTS.protection();
    }
}
