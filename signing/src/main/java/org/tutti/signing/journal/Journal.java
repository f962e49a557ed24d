package org.tutti.signing.journal;

import org.tutti.base.Bytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/// What the node remembers across crashes (SAFETY 3): an append-only file of hash-chained entries.
///
/// The file starts with eight bytes, `TUTTIJ2\n`. An entry is: length of type and payload (4 bytes,
/// big-endian), CRC32C of these four (4), type (1), payload, chain hash (32, see [JournalHead]),
/// CRC32C of all before (4). The first checksum covers the length alone: a damaged length would
/// look like an entry that was never finished, and truncating there would lose all later ones. A
/// crash leaves a torn entry at the end, which is truncated when the journal is opened; any other
/// damage keeps the node from starting.
///
/// Not thread-safe: only the service's event loop writes. The first failed write is final: what is
/// on disk is unknown then (a failed fsync may have dropped the pages), so every later call fails
/// too.
public final class Journal implements AutoCloseable {
    /// Largest payload: a Sign entry of the largest session is well below.
    public static final int MAX_PAYLOAD = 16 << 20;

    private static final byte[] MAGIC = "TUTTIJ2\n".getBytes(StandardCharsets.US_ASCII);
    private static final int OVERHEAD = 4 + 4 + 1 + 32 + 4;

    private final JournalFile file;
    private JournalHead head;
    private boolean failed;
    private long forces;

    private Journal(JournalFile file, JournalHead head) {
        this.file = file;
        this.head = head;
    }

    /// Reads the whole file and truncates a torn end.
    ///
    /// @param replay receives every entry, oldest first
    /// @throws JournalException with `CORRUPT` if the middle is damaged
    public static Journal open(JournalFile file, Consumer<JournalRecord> replay)
            throws IOException {
        return openWithHeads(file, (record, _) -> replay.accept(record));
    }

    /// The same, with the head after each entry.
    public static Journal openWithHeads(
            JournalFile file, BiConsumer<JournalRecord, JournalHead> replay) throws IOException {
        long size = file.size();
        if (size < MAGIC.length) {
            requirePrefix(file, size);
            file.truncate(0);
            file.append(ByteBuffer.wrap(MAGIC));
            file.force();
            return new Journal(file, JournalHead.EMPTY);
        }
        requirePrefix(file, MAGIC.length);
        JournalReader reader = new JournalReader(file, MAGIC.length, size);
        JournalHead head = reader.readAll(replay);
        if (reader.position() < size) {
            file.truncate(reader.position());
        }
        // What a killed process had not forced is only in the page cache, and from here on the head
        // that includes it is sent to others.
        file.force();
        return new Journal(file, head);
    }

    private static void requirePrefix(JournalFile file, long length) throws IOException {
        byte[] start = new byte[(int) length];
        ByteBuffer target = ByteBuffer.wrap(start);
        while (target.hasRemaining() && file.read(target.position(), target) >= 0) {}
        if (!Arrays.equals(start, Arrays.copyOf(MAGIC, start.length))) {
            throw new JournalException(
                    JournalException.Code.CORRUPT, "the file is not a journal of this program");
        }
    }

    /// The current head, appended entries included.
    public JournalHead head() {
        return head;
    }

    /// How often [#force] reached the disk.
    public long forces() {
        return forces;
    }

    /// Writes the records without waiting for the disk.
    public void append(List<JournalRecord> records) throws IOException {
        requireUsable();
        int total = 0;
        List<Bytes> payloads = records.stream().map(JournalRecord::payload).toList();
        for (Bytes payload : payloads) {
            if (payload.length() > MAX_PAYLOAD) {
                throw new JournalException(
                        JournalException.Code.TOO_LARGE,
                        "an entry of " + payload.length() + " bytes");
            }
            total += OVERHEAD + payload.length();
        }
        ByteBuffer buffer = ByteBuffer.allocate(total);
        JournalHead next = head;
        for (int i = 0; i < payloads.size(); i++) {
            next = put(buffer, next, records.get(i).type(), payloads.get(i));
        }
        failed = true;
        file.append(buffer.flip());
        failed = false;
        head = next;
    }

    private static JournalHead put(ByteBuffer buffer, JournalHead head, int type, Bytes payload) {
        int start = buffer.position();
        JournalHead next = head.next(type, payload);
        buffer.putInt(1 + payload.length());
        putChecksum(buffer, start);
        buffer.put((byte) type).put(payload.toArray()).put(next.hash().toArray());
        putChecksum(buffer, start);
        return next;
    }

    private static void putChecksum(ByteBuffer buffer, int start) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().flip().position(start));
        buffer.putInt((int) crc.getValue());
    }

    /// Returns when all appended records are on disk.
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

    @Override
    public void close() throws IOException {
        file.close();
    }
}
