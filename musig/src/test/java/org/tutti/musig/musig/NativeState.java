package org.tutti.musig.musig;

import org.tutti.base.Bytes;
import org.tutti.musig.internal.secp256k1.Scratch;
import org.tutti.musig.internal.secp256k1.Secret;
import org.tutti.musig.internal.secp256k1.Sizes;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Objects;

/// Writes and reads libsecp256k1's opaque structures as the version that we ship lays them out, so
/// that vectors with explicit secret nonces run natively. No other code may know these layouts.
final class NativeState {
    private static final byte[] SECRET_NONCE_MAGIC = {0x22, 0x0e, (byte) 0xdc, (byte) 0xf1};
    private static final byte[] CACHE_MAGIC = {(byte) 0xf4, (byte) 0xad, (byte) 0xbb, (byte) 0xdf};

    private static final BigInteger FIELD =
            BigInteger.TWO
                    .pow(256)
                    .subtract(BigInteger.TWO.pow(32))
                    .subtract(BigInteger.valueOf(977));
    private static final BigInteger ORDER =
            new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);

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

    /// Whether the library cannot represent these 32 bytes as a coordinate.
    static boolean isNoCoordinate(Bytes x32) {
        return new BigInteger(1, x32.toArray()).compareTo(FIELD) >= 0;
    }

    /// Whether both scalars of BIP327's 97 bytes are in 1…n-1, or both are zero as in a spent
    /// nonce. The library makes only such, so it does not look.
    static boolean isPossible(Bytes secnonce97) {
        BigInteger k1 = new BigInteger(1, secnonce97.slice(0, 32).toArray());
        BigInteger k2 = new BigInteger(1, secnonce97.slice(32, 64).toArray());
        return k1.signum() == k2.signum() && k1.max(k2).compareTo(ORDER) < 0;
    }

    /// A key aggregation cache in which nothing but the x coordinate of the aggregate is set.
    ///
    /// @param x32 below the field's size; it lies in memory lowest byte first
    static byte[] cacheWithKey(Bytes x32) {
        byte[] cache = new byte[Sizes.KEYAGG_CACHE];
        System.arraycopy(CACHE_MAGIC, 0, cache, 0, 4);
        x32.reversed().copyTo(cache, 4);
        cache[4 + 32] = 2;
        return cache;
    }
}
