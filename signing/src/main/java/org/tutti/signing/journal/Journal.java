package org.tutti.signing.journal;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// What the node remembers across crashes (SAFETY 3): an append-only file of hash-chained entries,
/// with one chain for each group.
///
/// The file starts with a header of 28 bytes: `TUTTIJ3\n`, the journal's id (16 random bytes),
/// CRC32C of both. A snapshot follows, with what matters of earlier entries when the file was last
/// compacted (none at first), then the entries that were appended since. An entry is: length of
/// type, group and payload (4 bytes, big-endian), CRC32C of these four (4), type (1), group id
/// (32), payload, chain hash (32, see [JournalHead]), CRC32C of all before (4). The first checksum
/// covers the length alone: a damaged length would look like an entry that was never finished, and
/// truncating there would lose all later ones. A crash leaves a torn entry at the end, which is
/// truncated when the journal is opened; any other damage keeps the node from starting.
///
/// Compacting writes another file, which takes the journal's name when it is complete and on disk.
///
/// Not thread-safe: only the service's event loop writes. The first failed write is final: what is
/// on disk is unknown then (a failed fsync may have dropped the pages), so every later call fails
/// too.
public final class Journal implements AutoCloseable {
    /// Largest payload: a Sign entry of the largest session is well below.
    public static final int MAX_PAYLOAD = 16 << 20;

    private static final int COPY_BYTES = 1 << 20;

    private final JournalFiles files;
    private final Bytes id;
    private final Map<Bytes, JournalHead> heads;
    private JournalFile file;
    private long size;
    private boolean failed;
    private long forces;

    private Journal(
            JournalFiles files,
            JournalFile file,
            long size,
            Bytes id,
            Map<Bytes, JournalHead> heads) {
        this.files = files;
        this.file = file;
        this.size = size;
        this.id = id;
        this.heads = heads;
    }

    /// Reads the whole file, truncates a torn end, and compacts it if it is large and most of it
    /// does not matter any more.
    ///
    /// @param files closed with the journal, or if it cannot be opened
    /// @param newId makes the id of a journal that is not there yet: 16 random bytes
    /// @param state receives what matters
    /// @throws JournalException with `CORRUPT` if the middle is damaged
    public static Journal open(JournalFiles files, Supplier<Bytes> newId, JournalState state)
            throws IOException {
        JournalFile file = null;
        try {
            // Left by a crash while the journal was compacted.
            files.deleteTemporary();
            file = files.journal().orElse(null);
            if (file == null) {
                file = create(files, newId.get());
            }
            Journal journal = read(files, file, state);
            journal.compactAtStart(state);
            return journal;
        } catch (IOException | RuntimeException e) {
            closeAlso(file, e);
            closeAlso(files, e);
            throw e;
        }
    }

    /// Makes an empty journal, unless there is one: beside new keys, so that one that is missing
    /// later was lost.
    ///
    /// @param files closed
    /// @param id 16 random bytes
    public static void createIfMissing(JournalFiles files, Bytes id) throws IOException {
        try (files) {
            files.deleteTemporary();
            Optional<JournalFile> known = files.journal();
            JournalFile file = known.isPresent() ? known.get() : create(files, id);
            file.close();
        }
    }

    private static void closeAlso(@Nullable AutoCloseable closeable, Exception cause) {
        try (closeable) {
            return;
        } catch (Exception e) {
            cause.addSuppressed(e);
        }
    }

    /// A file gets the journal's name only when its header and snapshot are whole.
    private static JournalFile create(JournalFiles files, Bytes id) throws IOException {
        JournalFile file = files.createTemporary();
        try {
            SnapshotWriter.write(file, id, Collections.emptyIterator());
            file.force();
            files.replaceByTemporary();
            files.forceNames();
            return file;
        } catch (IOException | RuntimeException e) {
            closeAlso(file, e);
            throw e;
        }
    }

    private static Journal read(JournalFiles files, JournalFile file, JournalState state)
            throws IOException {
        long size = file.size();
        JournalReader reader = new JournalReader(file, size);
        state.begin(reader.journal());
        reader.readAll(state);
        state.forgetAll();
        if (reader.position() < size) {
            file.truncate(reader.position());
        }
        // What a killed process had not forced is only in the page cache, and from here on the head
        // that includes it is sent to others.
        file.force();
        return new Journal(
                files, file, reader.position(), reader.journal(), new HashMap<>(reader.heads()));
    }

    /// Reads what is whole of a journal, and changes nothing.
    public static void read(JournalSource source, JournalListener listener) throws IOException {
        new JournalReader(source, source.size()).readAll(listener);
    }

    /// The entries of one group up to now, to be read by another thread. The caller closes it.
    ///
    /// @param group id of the group, 32 bytes
    public GroupReading reading(Bytes group) throws IOException {
        requireUsable();
        return new GroupReading(files.source(), size, group);
    }

    /// 16 random bytes, drawn when the journal was made.
    public Bytes id() {
        return id;
    }

    /// The current head of the group's chain, appended entries included.
    ///
    /// @param group id of the group, 32 bytes
    public JournalHead head(Bytes group) {
        JournalHead head = heads.get(group);
        return head == null ? JournalHead.start(id, group) : head;
    }

    /// How often [#force] reached the disk.
    public long forces() {
        return forces;
    }

    /// Bytes in the file.
    public long size() {
        return size;
    }

    /// Writes records of one group without waiting for the disk.
    ///
    /// @param group id of the group, 32 bytes
    public void append(Bytes group, List<? extends JournalRecord> records) throws IOException {
        append(records.stream().map(record -> new JournalEntry(group, record)).toList());
    }

    /// Writes the entries without waiting for the disk. One [#force] is enough for those of all
    /// groups.
    public void append(List<JournalEntry> entries) throws IOException {
        requireUsable();
        int total = 0;
        List<byte[]> payloads =
                entries.stream().map(entry -> entry.record().payload().toArray()).toList();
        for (byte[] payload : payloads) {
            if (payload.length > MAX_PAYLOAD) {
                throw new JournalException(
                        JournalException.Code.TOO_LARGE,
                        "an entry of " + payload.length + " bytes");
            }
            total += JournalFormat.OVERHEAD + payload.length;
        }
        ByteBuffer buffer = ByteBuffer.allocate(total);
        Map<Bytes, JournalHead> next = new HashMap<>();
        for (int i = 0; i < payloads.size(); i++) {
            Bytes group = entries.get(i).group();
            int type = entries.get(i).record().type();
            byte[] payload = payloads.get(i);
            JournalHead head =
                    next.computeIfAbsent(group, this::head).next(type, payload, 0, payload.length);
            JournalFormat.putEntry(buffer, type, group, payload, head.hash());
            next.put(group, head);
        }
        failed = true;
        file.append(buffer.flip());
        failed = false;
        size += total;
        heads.putAll(next);
    }

    /// Returns when all appended entries are on disk.
    public void force() throws IOException {
        requireUsable();
        failed = true;
        file.force();
        failed = false;
        forces++;
    }

    private void requireUsable() throws JournalException {
        if (failed) {
            throw new JournalException(
                    JournalException.Code.IO,
                    "an earlier write to the journal failed; restart the node");
        }
    }

    // --- compacting

    /// A file that begins with a snapshot of the journal's first bytes, and can take its place.
    ///
    /// @param prefix how many bytes
    record Compacted(JournalFile file, long prefix) {}

    private void compactAtStart(JournalState state) throws IOException {
        long kept =
                JournalFormat.HEADER
                        + state.entries()
                                .mapToLong(entry ->
                                        JournalFormat.OVERHEAD + entry.record().payload().length())
                                .sum();
        if (size <= state.retention().compactAbove() || 2 * kept > size) {
            return;
        }
        Compacted compacted;
        try {
            compacted = write(state, size);
        } catch (IOException _) {
            return; // A larger journal is a journal: the next start tries again.
        }
        continueIn(compacted);
    }

    /// Writes a snapshot of the first bytes of this journal into the temporary file, and forces it.
    /// Threads: any, while the journal's thread appends; one at a time.
    ///
    /// @param prefix where an entry ends
    /// @param now by the wall clock
    /// @param cancelled stops it
    /// @throws IOException if it cannot be read or written, or was stopped; nothing is left of it
    Compacted compact(
            long prefix, JournalRetention retention, Instant now, BooleanSupplier cancelled)
            throws IOException {
        JournalState state = new JournalState(retention, now);
        try (JournalSource source = files.source()) {
            JournalReader reader = new JournalReader(source, prefix);
            state.begin(reader.journal());
            reader.readAll((entry, head) -> {
                if (!cancelled.getAsBoolean()) {
                    state.accept(entry, head);
                }
            });
        }
        state.forgetEnded();
        if (cancelled.getAsBoolean()) {
            throw new JournalException(JournalException.Code.IO, "the journal is being closed");
        }
        return write(state, prefix);
    }

    private Compacted write(JournalState state, long prefix) throws IOException {
        JournalFile temporary = null;
        try {
            temporary = files.createTemporary();
            SnapshotWriter.write(temporary, id, state.entries().iterator());
            temporary.force();
            return new Compacted(temporary, prefix);
        } catch (IOException | RuntimeException e) {
            closeAlso(temporary, e);
            deleteTemporary();
            throw e;
        }
    }

    /// Continues in the compacted file, after copying what was appended meanwhile. Until it has the
    /// journal's name the old file is the journal, with all its entries.
    ///
    /// @return whether it does; false if the file could not be written, and nothing has changed
    /// @throws IOException if the journal cannot be used any more
    boolean continueIn(Compacted compacted) throws IOException {
        requireUsable();
        JournalFile temporary = compacted.file();
        long newSize;
        try {
            copy(compacted.prefix(), temporary);
            temporary.force();
            newSize = temporary.size();
        } catch (IOException _) {
            discard(compacted);
            return false;
        }
        failed = true;
        files.replaceByTemporary();
        closeQuietly(file); // Nothing is written into it any more.
        file = temporary;
        files.forceNames();
        size = newSize;
        failed = false;
        return true;
    }

    private void copy(long from, JournalFile target) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(COPY_BYTES, size - from));
        for (long at = from; at < size; ) {
            buffer.clear().limit((int) Math.min(COPY_BYTES, size - at));
            if (file.read(at, buffer) < 0) {
                throw new JournalException(JournalException.Code.IO, "the journal became shorter");
            }
            at += buffer.position();
            target.append(buffer.flip());
        }
    }

    /// Gives up a file that was to take the journal's place.
    void discard(Compacted compacted) {
        closeQuietly(compacted.file());
        deleteTemporary();
    }

    private static void closeQuietly(JournalFile unused) {
        try {
            unused.close();
        } catch (IOException _) {
            return; // What it has is not needed.
        }
    }

    private void deleteTemporary() {
        try {
            files.deleteTemporary();
        } catch (IOException _) {
            return; // The next compaction, or the next start, deletes it.
        }
    }

    @Override
    public void close() throws IOException {
        try (JournalFiles _ = files) {
            file.close();
        }
    }
}
