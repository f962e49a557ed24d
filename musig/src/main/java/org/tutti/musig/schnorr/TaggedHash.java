package org.tutti.musig.schnorr;

import org.tutti.base.Bytes;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// BIP340's tagged hash: `SHA256(SHA256(tag) ‖ SHA256(tag) ‖ parts…)`, so that hashes made for
/// different purposes never meet.
public final class TaggedHash {
    private TaggedHash() {}

    /// 32 bytes over the parts one after the other. The tag is taken as UTF-8.
    public static Bytes of(String tag, byte[]... parts) {
        MessageDigest sha256 = sha256();
        byte[] prefix = sha256.digest(tag.getBytes(StandardCharsets.UTF_8));
        sha256.update(prefix);
        sha256.update(prefix);
        for (byte[] part : parts) {
            sha256.update(part);
        }
        return Bytes.wrap(sha256.digest());
    }

    /// 32 bytes over the parts one after the other.
    public static Bytes of(String tag, Bytes... parts) {
        return of(tag, Bytes.concat(parts).toArray());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
