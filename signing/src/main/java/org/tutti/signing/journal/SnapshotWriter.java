package org.tutti.signing.journal;

import org.tutti.base.Bytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/// Writes the beginning of a journal: its header, and a snapshot of what matters.
///
/// The entries of each group in a snapshot have a chain of their own, so that none can be missing
/// or out of place; the group's chain continues after the snapshot from the head that it states.
final class SnapshotWriter {
    private static final int CHUNK = 1 << 20;

    private final JournalFile file;
    private final Bytes journal;
    private final Map<Bytes, JournalHead> chains = new HashMap<>();
    private ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    private long entries;

    private SnapshotWriter(JournalFile file, Bytes journal) {
        this.file = file;
        this.journal = journal;
    }

    /// Writes header and snapshot into an empty file, without waiting for the disk.
    static void write(JournalFile file, Bytes journal, Iterator<JournalEntry> entries)
            throws IOException {
        SnapshotWriter writer = new SnapshotWriter(file, journal);
        writer.chunk.put(JournalFormat.header(journal));
        while (entries.hasNext()) {
            writer.put(entries.next());
            writer.entries++;
        }
        writer.put(
                new JournalEntry(
                        JournalFormat.NO_GROUP, new JournalRecord.SnapshotEnd(writer.entries)));
        writer.flush();
    }

    private void put(JournalEntry entry) throws IOException {
        byte[] payload = entry.record().payload().toArray();
        int length = JournalFormat.OVERHEAD + payload.length;
        if (length > chunk.remaining()) {
            flush();
        }
        if (length > chunk.remaining()) {
            chunk = ByteBuffer.allocate(length);
        }
        int type = entry.record().type();
        JournalHead head =
                chains.computeIfAbsent(entry.group(), group -> JournalHead.snapshot(journal, group))
                        .next(type, payload, 0, payload.length);
        chains.put(entry.group(), head);
        JournalFormat.putEntry(chunk, type, entry.group(), payload, head.hash());
    }

    private void flush() throws IOException {
        file.append(chunk.flip());
        chunk.clear();
    }
}
