package org.tutti.musig.keys;

import org.tutti.bytes.Bytes;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// HASH160: RIPEMD-160 of SHA-256, 20 bytes (BIP32 fingerprints, old addresses).
public final class Hash160 {
    private Hash160() {}

    /// The hash of `data`.
    public static Bytes of(Bytes data) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return Bytes.wrap(Ripemd160.hash(sha256.digest(data.toArray())));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
