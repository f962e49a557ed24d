package org.tutti.musig.keys;

import org.tutti.base.Bytes;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// HASH160: RIPEMD-160 of SHA-256, 20 bytes (BIP32 fingerprints, old addresses).
public final class Hash160 {
    /// Bytes of the hash.
    public static final int BYTES = 20;

    private Hash160() {}

    /// The hash of `data`.
    public static Bytes of(Bytes data) {
        return Bytes.wrap(Ripemd160.of(sha256(data)));
    }

    private static byte[] sha256(Bytes data) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(data.toArray());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
