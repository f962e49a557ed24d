package org.tutti.signing.journal;

import org.tutti.base.Bytes;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// The bytes of a journal: its header, and its entries.
final class JournalFormat {
    /// Header: magic (8), id of the journal (16), CRC32C of both (4).
    static final int HEADER = 8 + JournalHead.JOURNAL_ID_BYTES + 4;

    /// Before an entry's type: length of type, group and payload (4), CRC32C of it (4).
    static final int ENTRY_HEAD = 4 + 4;

    /// Type and group id, before the payload.
    static final int ENTRY_NAME = 1 + 32;

    /// After the payload: chain hash (32), CRC32C of all before (4).
    static final int ENTRY_TAIL = 32 + 4;

    /// Bytes of an entry without its payload.
    static final int OVERHEAD = ENTRY_HEAD + ENTRY_NAME + ENTRY_TAIL;

    /// The group of entries that are of no group.
    static final Bytes NO_GROUP = Bytes.wrap(new byte[32]);

    private static final byte[] MAGIC = "TUTTIJ3\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] OLDER = "TUTTIJ".getBytes(StandardCharsets.US_ASCII);

    private JournalFormat() {}

    static ByteBuffer header(Bytes journal) {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        header.put(MAGIC)
                .put(journal.requireLength(JournalHead.JOURNAL_ID_BYTES, "journal id").toArray());
        putChecksum(header, 0);
        return header.flip();
    }

    /// The id of the journal with this header.
    ///
    /// @param header [#HEADER] bytes, or fewer if the file is shorter
    static Bytes journalId(byte[] header) throws JournalException {
        if (header.length >= MAGIC.length && !startsWith(header, MAGIC)) {
            boolean older =
                    startsWith(header, OLDER)
                            && (header[OLDER.length] == '1' || header[OLDER.length] == '2')
                            && header[MAGIC.length - 1] == '\n';
            throw older
                    ? new JournalException(
                            JournalException.Code.UNSUPPORTED_VERSION,
                            "the journal has version "
                                    + (char) header[OLDER.length]
                                    + ", and this program reads version 3 only: no other version"
                                    + " was released, and none is converted. Use a new data"
                                    + " folder, and a new epoch in everybody's configuration")
                    : notAJournal();
        }
        if (header.length < HEADER || !isChecked(header, 0, HEADER)) {
            throw notAJournal();
        }
        return Bytes.of(header, MAGIC.length, HEADER - 4);
    }

    private static JournalException notAJournal() {
        return new JournalException(
                JournalException.Code.CORRUPT, "the file is not a journal of this program");
    }

    private static boolean startsWith(byte[] bytes, byte[] start) {
        return Arrays.equals(bytes, 0, start.length, start, 0, start.length);
    }

    /// Appends one entry.
    ///
    /// @param next the chain's head after it
    static void putEntry(ByteBuffer buffer, int type, Bytes group, byte[] payload, Bytes next) {
        int start = buffer.position();
        buffer.putInt(ENTRY_NAME + payload.length);
        putChecksum(buffer, start);
        buffer.put((byte) type).put(group.toArray()).put(payload).put(next.toArray());
        putChecksum(buffer, start);
    }

    private static void putChecksum(ByteBuffer buffer, int start) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().flip().position(start));
        buffer.putInt((int) crc.getValue());
    }

    /// Whether the last four of these bytes are the CRC32C of those before.
    static boolean isChecked(byte[] bytes, int from, int to) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, to - 4 - from);
        return (int) crc.getValue() == intAt(bytes, to - 4);
    }

    /// Big-endian.
    static int intAt(byte[] bytes, int at) {
        return ByteBuffer.wrap(bytes).getInt(at);
    }
}
