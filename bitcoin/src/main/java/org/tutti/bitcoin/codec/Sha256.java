package org.tutti.bitcoin.codec;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The three ways in which Bitcoin uses SHA-256. Each answer is a fresh array of 32 bytes.
public final class Sha256 {
    private Sha256() {}

    /// One pass over the parts, one after the other.
    public static byte[] single(byte[]... parts) {
        MessageDigest digest = digest();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    /// SHA-256 of SHA-256: transaction ids, block hashes, Merkle nodes, checksums.
    public static byte[] twice(byte[]... parts) {
        MessageDigest digest = digest();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest(digest.digest());
    }

    /// BIP340's tagged hash: `SHA256(SHA256(tag) || SHA256(tag) || parts)`.
    public static byte[] tagged(String tag, byte[]... parts) {
        MessageDigest digest = digest();
        byte[] tagHash = digest.digest(tag.getBytes(StandardCharsets.UTF_8));
        digest.update(tagHash);
        digest.update(tagHash);
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            // Every Java platform must have it (java.security.MessageDigest).
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
