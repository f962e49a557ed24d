package org.tutti.musig.musig;

import org.tutti.bytes.Bytes;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.secp256k1.Scratch;
import org.tutti.musig.secp256k1.Secret;
import org.tutti.musig.secp256k1.Sizes;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// Writes and reads libsecp256k1's opaque structures as the version that we ship lays them out, so
/// that vectors with explicit secret nonces run natively. No other code may know these layouts.
final class NativeState {
    private static final byte[] SECRET_NONCE_MAGIC = {0x22, 0x0e, (byte) 0xdc, (byte) 0xf1};
    private static final byte[] CACHE_MAGIC = {(byte) 0xf4, (byte) 0xad, (byte) 0xbb, (byte) 0xdf};

    private NativeState() {}

    /// A secret nonce and the slot that it lies in, whoever owns that later.
    record Watched(SecretNonce nonce, MemorySegment slot) {}

    /// A secret nonce from BIP327's 97 bytes: k1, k2, public key.
    static SecretNonce secretNonce(Bytes secnonce97) throws KeyException {
        return watched(secnonce97).nonce();
    }

    static Watched watched(Bytes secnonce97) throws KeyException {
        PublicKey key = PublicKey.parse(secnonce97.slice(64, 97));
        Secret secret = new Secret(SecretNonce.SLOTS);
        MemorySegment slot = Objects.requireNonNull(secret.acquire());
        Scratch.put(slot, SECRET_NONCE_MAGIC);
        Scratch.put(slot.asSlice(4, 64), secnonce97.slice(0, 64).toArray());
        key.writeTo(slot, 68);
        secret.release();
        return new Watched(new SecretNonce(secret, key), slot);
    }

    /// k1 and k2 of a secret nonce, which it spends.
    static Bytes scalars(MemorySegment secretNonce) {
        return Bytes.wrap(Scratch.get(secretNonce.asSlice(4, 64), 64));
    }

    /// A key aggregation cache in which nothing but the x coordinate of the aggregate is set, and
    /// that to 32 equal bytes: their order in memory does not matter.
    static byte[] cacheWithKey(Bytes equalBytes32) {
        byte[] cache = new byte[Sizes.KEYAGG_CACHE];
        System.arraycopy(CACHE_MAGIC, 0, cache, 0, 4);
        equalBytes32.copyTo(cache, 4);
        cache[4 + 32] = 2;
        return cache;
    }
}
