package org.tutti.signing.journal;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;
import java.util.zip.CRC32C;

/// Reads a journal entry by entry, and distinguishes a torn end from damage.
final class JournalReader {
    private static final int HEAD = 4 + 4;
    private static final int TAIL = 32 + 4;

    private final JournalFile file;
    private final long size;
    private long position;

    JournalReader(JournalFile file, long start, long size) {
        this.file = file;
        this.position = start;
        this.size = size;
    }

    /// The end of the last whole entry.
    long position() {
        return position;
    }

    JournalHead readAll(BiConsumer<JournalRecord, JournalHead> replay) throws IOException {
        JournalHead head = JournalHead.EMPTY;
        while (position < size) {
            byte[] entry = entry();
            if (entry == null) {
                return head;
            }
            head = accept(entry, head, replay);
            position += entry.length;
        }
        return head;
    }

    /// The next entry if all of it is in the file and its checksum matches; null if the rest is a
    /// torn end.
    private byte @Nullable [] entry() throws IOException {
        if (size - position < HEAD) {
            return null;
        }
        byte[] header = read(position, HEAD);
        int length = ByteBuffer.wrap(header).getInt();
        boolean whole = checked(header) && length >= 1 && length <= 1 + Journal.MAX_PAYLOAD;
        if (!whole) {
            // The length is invalid: either the end was never written, or it is damaged.
            return nothingButZeros() ? null : corrupt();
        }
        long end = position + HEAD + length + TAIL;
        if (end > size) {
            return null; // The crash came before the whole entry was written.
        }
        byte[] entry = read(position, HEAD + length + TAIL);
        if (checked(entry)) {
            return entry;
        }
        // Pages of the last entry may be missing after a crash, but not pages of earlier entries.
        return end == size ? null : corrupt();
    }

    /// Whether the last four bytes are the CRC32C of those before.
    private static boolean checked(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - 4);
        return (int) crc.getValue() == ByteBuffer.wrap(bytes).getInt(bytes.length - 4);
    }

    private byte[] corrupt() throws JournalException {
        throw new JournalException(
                JournalException.Code.CORRUPT,
                "the journal is damaged at byte "
                        + position
                        + " of "
                        + size
                        + "; the node does not start. Do not restore an older journal; move the signing key to a"
                        + " new data folder only after all its sessions have expired");
    }

    /// The file system extended the file but never wrote the data, or wrote only part of the
    /// header. A real entry has its type, which is not zero, right after the header.
    private boolean nothingButZeros() throws IOException {
        for (long at = position + HEAD; at < size; ) {
            byte[] chunk = read(at, (int) Math.min(1 << 16, size - at));
            for (byte b : chunk) {
                if (b != 0) {
                    return false;
                }
            }
            at += chunk.length;
        }
        return true;
    }

    private JournalHead accept(
            byte[] bytes, JournalHead head, BiConsumer<JournalRecord, JournalHead> replay)
            throws IOException {
        int type = bytes[HEAD] & 0xff;
        Bytes payload = Bytes.of(bytes, HEAD + 1, bytes.length - TAIL);
        JournalHead next = head.next(type, payload);
        if (!next.hash().equals(Bytes.of(bytes, bytes.length - TAIL, bytes.length - 4))) {
            throw new JournalException(
                    JournalException.Code.CORRUPT,
                    "the journal's chain breaks at byte " + position);
        }
        replay.accept(JournalRecord.decode(type, payload), next);
        return next;
    }

    private byte[] read(long at, int length) throws IOException {
        byte[] bytes = new byte[length];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            if (file.read(at + buffer.position(), buffer) < 0) {
                throw new JournalException(
                        JournalException.Code.IO, "the journal became shorter while being read");
            }
        }
        return bytes;
    }
}
