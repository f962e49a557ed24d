package org.tutti.musig.keys;

import org.bouncycastle.crypto.digests.RIPEMD160Digest;
import org.tutti.base.Bytes;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// HASH160: RIPEMD-160 of SHA-256, 20 bytes (BIP32 fingerprints, old addresses). RIPEMD-160 is
/// BouncyCastle's: the JDK has none.
public final class Hash160 {
    /// Bytes of the hash.
    public static final int BYTES = 20;

    private Hash160() {}

    /// The hash of `data`.
    public static Bytes of(Bytes data) {
        byte[] sha256 = sha256(data);
        RIPEMD160Digest ripemd160 = new RIPEMD160Digest();
        ripemd160.update(sha256, 0, sha256.length);
        byte[] out = new byte[BYTES];
        ripemd160.doFinal(out, 0);
        return Bytes.wrap(out);
    }

    private static byte[] sha256(Bytes data) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(data.toArray());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
