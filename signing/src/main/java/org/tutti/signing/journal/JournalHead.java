package org.tutti.signing.journal;

import org.tutti.base.Bytes;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The state of a journal: the number of its entries, and the hash that chains them.
///
/// @param count entries, from 0
/// @param hash 32 bytes; zeros for a journal without entries
public record JournalHead(long count, Bytes hash) {
    /// The head of a journal without entries.
    public static final JournalHead EMPTY = new JournalHead(0, Bytes.wrap(new byte[32]));

    public JournalHead {
        if (count < 0) {
            throw new IllegalArgumentException("a journal head with a negative count");
        }
        hash.requireLength(32, "journal hash");
    }

    /// The head after one more entry: SHA-256(hash ‖ type, one byte ‖ payload length, 4 bytes
    /// big-endian ‖ payload).
    public JournalHead next(int type, Bytes payload) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(hash.toArray());
            sha.update(ByteBuffer.allocate(5).put((byte) type).putInt(payload.length()).flip());
            sha.update(payload.toArray());
            return new JournalHead(count + 1, Bytes.wrap(sha.digest()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
