package org.tutti.signing.journal;

import org.tutti.base.Bytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// Reads a journal entry by entry, and distinguishes a torn end from damage.
final class JournalReader {
    private static final int BUFFER = 1 << 20;

    private final JournalSource source;
    private final long size;
    private final Bytes journal;
    private final Map<Bytes, JournalHead> snapshotChains = new LinkedHashMap<>();
    private final Map<Bytes, JournalHead> heads = new LinkedHashMap<>();
    private byte[] buffer;
    private long bufferStart;
    private int bufferLength;
    private long position;
    private boolean inSnapshot = true;
    private long entries;

    /// Reads the header.
    ///
    /// @param size how many of the file's bytes are read; in the middle of an entry only if the
    ///   file ends there
    JournalReader(JournalSource source, long size) throws IOException {
        this.source = source;
        this.size = size;
        this.buffer = new byte[(int) Math.min(size, BUFFER)];
        int length = (int) Math.min(size, JournalFormat.HEADER);
        int at = load(0, length);
        this.journal = JournalFormat.journalId(Arrays.copyOfRange(buffer, at, at + length));
        this.position = JournalFormat.HEADER;
    }

    /// The journal's id.
    Bytes journal() {
        return journal;
    }

    /// The end of the last whole entry.
    long position() {
        return position;
    }

    /// The head of each group's chain.
    Map<Bytes, JournalHead> heads() {
        return heads;
    }

    void readAll(JournalListener listener) throws IOException {
        while (position < size) {
            int length = entry();
            if (length == 0) {
                break;
            }
            accept(at(position), length, listener);
            position += length;
        }
        if (inSnapshot) {
            throw corrupt(); // A file has the journal's name only once its snapshot is whole.
        }
    }

    /// The length of the next entry, which is in the buffer, if all of it is in the file and its
    /// checksum matches; 0 if the rest is a torn end.
    private int entry() throws IOException {
        if (size - position < JournalFormat.ENTRY_HEAD) {
            return 0;
        }
        int at = load(position, JournalFormat.ENTRY_HEAD);
        int length = JournalFormat.intAt(buffer, at);
        boolean whole =
                JournalFormat.isChecked(buffer, at, at + JournalFormat.ENTRY_HEAD)
                        && length >= JournalFormat.ENTRY_NAME
                        && length <= JournalFormat.ENTRY_NAME + Journal.MAX_PAYLOAD;
        if (!whole) {
            // The length is invalid: either the end was never written, or it is damaged.
            if (nothingButZeros()) {
                return 0;
            }
            throw corrupt();
        }
        int total = JournalFormat.ENTRY_HEAD + length + JournalFormat.ENTRY_TAIL;
        if (position + total > size) {
            return 0; // The crash came before the whole entry was written.
        }
        at = load(position, total);
        if (JournalFormat.isChecked(buffer, at, at + total)) {
            return total;
        }
        // Pages of the last entry may be missing after a crash, but not pages of earlier entries.
        if (position + total == size) {
            return 0;
        }
        throw corrupt();
    }

    private JournalException corrupt() {
        return new JournalException(
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
        for (long from = position + JournalFormat.ENTRY_HEAD; from < size; ) {
            int length = (int) Math.min(BUFFER, size - from);
            int at = load(from, length);
            for (int i = at; i < at + length; i++) {
                if (buffer[i] != 0) {
                    return false;
                }
            }
            from += length;
        }
        return true;
    }

    /// @param at where the entry is in the buffer
    private void accept(int at, int length, JournalListener listener) throws IOException {
        int payloadAt = at + JournalFormat.ENTRY_HEAD + JournalFormat.ENTRY_NAME;
        int payloadLength = length - JournalFormat.OVERHEAD;
        int type = buffer[at + JournalFormat.ENTRY_HEAD] & 0xff;
        Bytes group = Bytes.of(buffer, payloadAt - 32, payloadAt);
        JournalHead head = head(group).next(type, buffer, payloadAt, payloadLength);
        int hashAt = payloadAt + payloadLength;
        if (!head.hash().equals(Bytes.of(buffer, hashAt, hashAt + 32))) {
            throw new JournalException(
                    JournalException.Code.CORRUPT,
                    "the journal's chain breaks at byte " + position);
        }
        JournalRecord record = JournalRecord.decode(type, buffer, payloadAt, payloadLength);
        if (inSnapshot) {
            snapshotChains.put(group, head);
            acceptOfSnapshot(new JournalEntry(group, record), listener);
        } else if (record instanceof JournalRecord.OfSnapshot) {
            throw corrupt();
        } else {
            heads.put(group, head);
            listener.accept(new JournalEntry(group, record), head);
        }
    }

    private JournalHead head(Bytes group) {
        JournalHead known = (inSnapshot ? snapshotChains : heads).get(group);
        if (known != null) {
            return known;
        }
        return inSnapshot
                ? JournalHead.snapshot(journal, group)
                : JournalHead.start(journal, group);
    }

    private void acceptOfSnapshot(JournalEntry entry, JournalListener listener)
            throws JournalException {
        if (entry.record() instanceof JournalRecord.SnapshotEnd(long before)) {
            if (before != entries) {
                throw corrupt();
            }
            inSnapshot = false;
            return;
        }
        entries++;
        if (entry.record() instanceof JournalRecord.Heads last) {
            heads.put(entry.group(), new JournalHead(journal, last.count(), last.lastHash()));
        }
        listener.accept(entry, null);
    }

    private int at(long from) {
        return (int) (from - bufferStart);
    }

    /// Makes sure that these bytes are in the buffer: it is read ahead, because entries are small,
    /// and there are hundreds of thousands.
    ///
    /// @return where they are in the buffer
    private int load(long from, int length) throws IOException {
        if (from >= bufferStart && from + length <= bufferStart + bufferLength) {
            return at(from);
        }
        if (length > buffer.length) {
            buffer = new byte[length];
        }
        ByteBuffer target =
                ByteBuffer.wrap(buffer).limit((int) Math.min(buffer.length, size - from));
        bufferStart = from;
        bufferLength = 0;
        while (target.hasRemaining()) {
            if (source.read(from + target.position(), target) < 0) {
                throw new JournalException(
                        JournalException.Code.IO, "the journal became shorter while being read");
            }
        }
        bufferLength = target.limit();
        return 0;
    }
}
