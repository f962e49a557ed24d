package org.tutti.lightclient.store;

import org.tutti.lightclient.store.StoreFolder.StoreFile;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/// A file of records of one length, each with a checksum, behind a beginning of a fixed length.
///
/// Full chunks are mapped, so that they take no memory of their own; the last one is also in
/// memory, because a mapping cannot grow.
final class RecordFile {
    /// Records in a chunk.
    static final int CHUNK = 1 << 13;

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int CHECKSUM = 4;
    private static final int LEAST_TAIL = 64;

    private final StoreFile file;
    private final int offset;
    private final int recordLength;
    private final CRC32C crc = new CRC32C();
    private final List<ByteBuffer> chunks = new ArrayList<>();

    /// The records of the last chunk; grows up to its length.
    private byte[] tail;

    private int size;
    private boolean dirty = true;

    private RecordFile(StoreFile file, int offset, int contentLength) {
        this.file = file;
        this.offset = offset;
        this.recordLength = contentLength + CHECKSUM;
        this.tail = new byte[LEAST_TAIL * recordLength];
    }

    /// Reads the records up to the first that is not intact.
    ///
    /// @param offset where the first record begins
    /// @param contentLength bytes of a record without its checksum
    static RecordFile open(StoreFile file, int offset, int contentLength) throws IOException {
        RecordFile records = new RecordFile(file, offset, contentLength);
        records.load();
        return records;
    }

    private void load() throws IOException {
        long inFile = Math.max(0, file.size() - offset) / recordLength;
        int intact = CHUNK;
        while (intact == CHUNK && size < inFile) {
            int count = (int) Math.min(CHUNK, inFile - size);
            ensureTail(count);
            file.read(at(size), ByteBuffer.wrap(tail, 0, count * recordLength));
            intact = intactRecords(count);
            size += intact;
            if (intact == CHUNK) {
                mapTail();
            }
        }
    }

    private int intactRecords(int count) {
        for (int i = 0; i < count; i++) {
            int slot = (i + 1) * recordLength - CHECKSUM;
            int stored = (int) INT.get(tail, slot);
            putChecksum(i, size + i);
            if ((int) INT.get(tail, slot) != stored) {
                return i;
            }
        }
        return count;
    }

    /// Computes the checksum of a record of the tail. The record's number is part of it, so that a
    /// record that lies at another place is not intact: it stands in the checksum's place
    /// meanwhile.
    private void putChecksum(int index, int number) {
        int from = index * recordLength;
        int slot = from + recordLength - CHECKSUM;
        INT.set(tail, slot, number);
        crc.reset();
        crc.update(tail, from, recordLength);
        INT.set(tail, slot, (int) crc.getValue());
    }

    private long at(int record) {
        return offset + (long) record * recordLength;
    }

    private void ensureTail(int records) {
        if (tail.length < records * recordLength) {
            int grown = Math.clamp(2L * tail.length / recordLength, records, CHUNK);
            tail = Arrays.copyOf(tail, grown * recordLength);
        }
    }

    private void mapTail() throws IOException {
        chunks.add(file.map(at(chunks.size() * CHUNK), CHUNK * recordLength));
    }

    int size() {
        return size;
    }

    /// Bytes behind the last intact record.
    long bytesBehind() throws IOException {
        return Math.max(0, file.size() - at(size));
    }

    /// Appends records whose contents lie one after the other.
    void append(byte[] contents, int from, int count) throws IOException {
        int contentLength = recordLength - CHECKSUM;
        dirty = true;
        for (int done = 0; done < count; ) {
            int used = size - chunks.size() * CHUNK;
            int now = Math.min(count - done, CHUNK - used);
            ensureTail(used + now);
            for (int i = 0; i < now; i++) {
                int record = (used + i) * recordLength;
                System.arraycopy(
                        contents, from + (done + i) * contentLength, tail, record, contentLength);
                putChecksum(used + i, size + i);
            }
            file.write(at(size), ByteBuffer.wrap(tail, used * recordLength, now * recordLength));
            size += now;
            done += now;
            if (used + now == CHUNK) {
                mapTail();
            }
        }
    }

    /// Cuts the file off after so many records.
    void truncate(int newSize) throws IOException {
        dirty = true;
        int full = newSize / CHUNK;
        int rest = newSize - full * CHUNK;
        ensureTail(rest);
        file.read(at(full * CHUNK), ByteBuffer.wrap(tail, 0, rest * recordLength));
        while (chunks.size() > full) {
            chunks.removeLast();
        }
        size = newSize;
        file.truncate(at(newSize));
    }

    void force() throws IOException {
        if (dirty) {
            file.force();
            dirty = false;
        }
    }

    int i32(int record, int at) {
        int chunk = record / CHUNK;
        int index = record % CHUNK * recordLength + at;
        return chunk < chunks.size() ? chunks.get(chunk).getInt(index) : (int) INT.get(tail, index);
    }

    long i64(int record, int at) {
        int chunk = record / CHUNK;
        int index = record % CHUNK * recordLength + at;
        return chunk < chunks.size()
                ? chunks.get(chunk).getLong(index)
                : (long) LONG.get(tail, index);
    }

    /// Copies a record's content.
    void copy(int record, byte[] target, int at) {
        int chunk = record / CHUNK;
        int index = record % CHUNK * recordLength;
        int length = recordLength - CHECKSUM;
        if (chunk < chunks.size()) {
            chunks.get(chunk).get(index, target, at, length);
        } else {
            System.arraycopy(tail, index, target, at, length);
        }
    }

    void close() throws IOException {
        file.close();
    }
}
