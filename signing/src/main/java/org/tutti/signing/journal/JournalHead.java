package org.tutti.signing.journal;

import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.TaggedHash;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The state of one group's chain in a journal: which journal, the number of the group's entries,
/// and the hash that chains them.
///
/// @param journal id of the journal, 16 bytes
/// @param count entries, from 0
/// @param hash 32 bytes
public record JournalHead(Bytes journal, long count, Bytes hash) {
    /// Length of a journal's id.
    public static final int JOURNAL_ID_BYTES = 16;

    public JournalHead {
        journal.requireLength(JOURNAL_ID_BYTES, "journal id");
        if (count < 0) {
            throw new IllegalArgumentException("a journal head with a negative count");
        }
        hash.requireLength(32, "journal hash");
    }

    /// The head of a group without entries: the tagged hash `tutti/journal` of journal id ‖ group
    /// id.
    ///
    /// @param group id of the group, 32 bytes
    public static JournalHead start(Bytes journal, Bytes group) {
        return new JournalHead(journal, 0, TaggedHash.of("tutti/journal", journal, group));
    }

    /// Where the chain of a group's entries in a snapshot begins: `tutti/journal-snapshot` in the
    /// place of the tag.
    static JournalHead snapshot(Bytes journal, Bytes group) {
        return new JournalHead(journal, 0, TaggedHash.of("tutti/journal-snapshot", journal, group));
    }

    /// The head after one more entry: SHA-256(hash ‖ type, one byte ‖ payload length, 4 bytes
    /// big-endian ‖ payload).
    public JournalHead next(int type, Bytes payload) {
        byte[] bytes = payload.toArray();
        return next(type, bytes, 0, bytes.length);
    }

    JournalHead next(int type, byte[] bytes, int offset, int length) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(hash.toArray());
            sha.update(ByteBuffer.allocate(5).put((byte) type).putInt(length).flip());
            sha.update(bytes, offset, length);
            return new JournalHead(journal, count + 1, Bytes.wrap(sha.digest()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
