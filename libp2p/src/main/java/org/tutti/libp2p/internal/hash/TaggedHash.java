package org.tutti.libp2p.internal.hash;

import org.tutti.base.Bytes;
import org.tutti.libp2p.multiformats.Varint;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// BIP340's tagged hash, so that what is hashed for one purpose never equals what is hashed for
/// another: SHA-256(SHA-256(tag) ‖ SHA-256(tag) ‖ parts). Not safe for threads; used once.
public final class TaggedHash {
    private final MessageDigest digest = sha256();

    public TaggedHash(String tag) {
        byte[] hash = sha256().digest(tag.getBytes(StandardCharsets.US_ASCII));
        digest.update(hash);
        digest.update(hash);
    }

    /// One byte.
    public TaggedHash with(int value) {
        digest.update((byte) value);
        return this;
    }

    /// The bytes as they are: for parts of a fixed length.
    public TaggedHash with(Bytes part) {
        digest.update(part.toArray());
        return this;
    }

    /// The bytes behind their length, an unsigned varint.
    public TaggedHash withLength(Bytes part) {
        digest.update(Varint.encode(part.length()));
        return with(part);
    }

    /// 32 bytes.
    public Bytes hash() {
        return Bytes.wrap(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
