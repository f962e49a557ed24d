package org.tutti.coordinator.journal;

import org.jspecify.annotations.Nullable;
import org.tutti.bytes.Bytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/// Reads a journal through, entry by entry, and tells a torn end from damage.
final class JournalReader {
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

    JournalHead readAll(Consumer<JournalRecord> replay) throws IOException {
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

    /// The next entry if all of it is in the file and its checksum fits; null if what is left is a
    /// torn end.
    private byte @Nullable [] entry() throws IOException {
        if (size - position < 4) {
            return null;
        }
        int length = ByteBuffer.wrap(read(position, 4)).getInt();
        boolean possible = length >= 1 && length <= 1 + Journal.MAX_PAYLOAD;
        if (possible && size - position < 4L + length + TAIL) {
            return null; // The crash came before the whole entry was written.
        }
        if (possible) {
            byte[] entry = read(position, 4 + length + TAIL);
            CRC32C crc = new CRC32C();
            crc.update(entry, 0, entry.length - 4);
            if ((int) crc.getValue() == ByteBuffer.wrap(entry).getInt(entry.length - 4)) {
                return entry;
            }
        }
        if (restIsTorn(possible ? 4L + length + TAIL : Long.MAX_VALUE)) {
            return null;
        }
        throw new JournalException(
                JournalException.Code.CORRUPT,
                "the journal is damaged at byte "
                        + position
                        + " of "
                        + size
                        + "; the node does not start: restore nothing older, move the signing key to a fresh data"
                        + " folder only after all its sessions have expired");
    }

    /// A bad entry is a torn one only if nothing was written after it: it reaches the end of the
    /// file, or all that is left is zero (the file system made the file longer but never wrote the
    /// data).
    private boolean restIsTorn(long length) throws IOException {
        if (length != Long.MAX_VALUE && position + length == size) {
            return true;
        }
        for (long at = position; at < size; ) {
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

    private JournalHead accept(byte[] bytes, JournalHead head, Consumer<JournalRecord> replay)
            throws IOException {
        int type = bytes[4] & 0xff;
        Bytes payload = Bytes.of(bytes, 5, bytes.length - TAIL);
        JournalHead next = head.next(type, payload);
        if (!next.hash().equals(Bytes.of(bytes, bytes.length - TAIL, bytes.length - 4))) {
            throw new JournalException(
                    JournalException.Code.CORRUPT,
                    "the journal's chain breaks at byte " + position);
        }
        replay.accept(JournalRecord.decode(type, payload));
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
