package org.tutti.lightclient.store;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.headers.ChainStart;
import org.tutti.lightclient.headers.HeaderStore;
import org.tutti.lightclient.headers.HeaderStoreException;
import org.tutti.lightclient.headers.HeaderStoreException.Code;
import org.tutti.lightclient.store.StoreFolder.StoreFile;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32C;

/// Headers in a folder; see the package for the format.
///
/// After a failure to write, the file is cut back to what it had before, and the store goes on;
/// where that fails too it answers `BROKEN` until it is opened anew. Owned by one thread, but for
/// [#close], which may come from another once the owner has ended.
public final class FileHeaderStore implements HeaderStore {
    private static final Bytes MAGIC = Bytes.fromHex("5455545449484431"); // "TUTTIHD1"
    private static final int WORK_BYTES = 16;
    private static final int BEGINNING = 8 + 32 + BlockHeader.LENGTH + 4 + 4 + 4 + WORK_BYTES + 4;
    private static final int MARK_LENGTH = 1 + 32 + 3;

    private static final String MARKS = "marks";
    private static final String NEW_MARKS = "marks.new";

    /// From so many marks on it is looked whether most say nothing any more.
    static final int COMPACTED_FROM = 1_000;

    private final StoreFolder folder;
    private final ChainStart start;
    private final byte[] first;
    private final RecordFile headers;
    private final RecordFile marks;
    private final long bytesCutOff;
    private boolean broken;

    private FileHeaderStore(
            StoreFolder folder,
            ChainStart start,
            RecordFile headers,
            RecordFile marks,
            long bytesCutOff) {
        this.folder = folder;
        this.start = start;
        this.first = start.first().serialize().toArray();
        this.headers = headers;
        this.marks = marks;
        this.bytesCutOff = bytesCutOff;
    }

    /// Opens the headers of a network, or makes a folder with its genesis header.
    ///
    /// @throws HeaderStoreException if the folder cannot be used, or has another network's headers
    public static FileHeaderStore open(Path folder, Network network) {
        return open(folder, network, Optional.empty());
    }

    /// Opens the headers of a network, or makes a folder for a chain that begins at `start`.
    ///
    /// @throws HeaderStoreException if the folder cannot be used, or has another chain's headers
    public static FileHeaderStore open(Path folder, Network network, ChainStart start) {
        return open(folder, network, Optional.of(start));
    }

    private static FileHeaderStore open(Path folder, Network network, Optional<ChainStart> start) {
        try {
            return open(DiskFolder.open(folder, FileChannel::open), network, start);
        } catch (IOException e) {
            throw failure("the headers in " + folder + " cannot be opened", e);
        } catch (ReadOnlyFileSystemException e) {
            throw new HeaderStoreException(Code.READ_ONLY, folder + " is read-only", e);
        }
    }

    /// Takes the folder over, also when it fails.
    static FileHeaderStore open(StoreFolder folder, Network network, Optional<ChainStart> wanted)
            throws IOException {
        List<StoreFile> open = new ArrayList<>();
        try {
            StoreFile headersFile = folder.open("headers");
            open.add(headersFile);
            StoreFile marksFile = folder.open(MARKS);
            open.add(marksFile);
            ChainStart start = readStart(headersFile, network, wanted);
            if (start == null) {
                start = wanted.orElse(ChainStart.genesis(network));
                create(headersFile, network, start);
                folder.forceNames();
            }
            RecordFile headers = RecordFile.open(headersFile, BEGINNING, BlockHeader.LENGTH);
            RecordFile marks = RecordFile.open(marksFile, 0, MARK_LENGTH);
            long cut = headers.bytesBehind() + marks.bytesBehind();
            if (headers.bytesBehind() > 0) {
                headers.truncate(headers.size());
            }
            if (marks.bytesBehind() > 0) {
                marks.truncate(marks.size());
            }
            marks = compacted(folder, marks, open);
            FileHeaderStore store = new FileHeaderStore(folder, start, headers, marks, cut);
            // A process that was killed may have left what it wrote in the system's cache.
            store.force();
            return store;
        } catch (IOException | RuntimeException e) {
            for (StoreFile file : open) {
                file.close();
            }
            folder.close();
            throw e;
        }
    }

    /// The start that a file has, or nothing if the file was never finished.
    private static @Nullable ChainStart readStart(
            StoreFile file, Network network, Optional<ChainStart> wanted) throws IOException {
        long size = file.size();
        if (size < BEGINNING) {
            return null;
        }
        ByteBuffer in = ByteBuffer.allocate(BEGINNING).order(ByteOrder.LITTLE_ENDIAN);
        file.read(0, in);
        boolean intact = in.getInt(BEGINNING - 4) == checksum(in.array());
        if (!intact && size == BEGINNING) {
            return null; // A crash while it was made: nothing was appended before it was on disk.
        }
        in.rewind();
        if (!intact || !read(in, MAGIC.length()).equals(MAGIC)) {
            throw new HeaderStoreException(
                    Code.UNSUPPORTED,
                    "the file of headers has a damaged header or an unsupported version; delete"
                            + " it to have the headers fetched again");
        }
        if (!read(in, 32).equals(network.id())) {
            throw new HeaderStoreException(
                    Code.OTHER_CHAIN, "the headers are those of another network than " + network);
        }
        ChainStart start = readStart(in);
        Optional<String> fault = start.fault(network);
        if (fault.isPresent()) {
            throw new HeaderStoreException(
                    Code.UNSUPPORTED,
                    "the file of headers begins where no chain can: " + fault.get());
        }
        if (wanted.isPresent() && !wanted.get().equals(start)) {
            throw new HeaderStoreException(
                    Code.OTHER_CHAIN,
                    "the headers begin at height " + start.anchor().height() + ", not there");
        }
        return start;
    }

    private static ChainStart readStart(ByteBuffer in) {
        try {
            BlockHeader first = BlockHeader.parse(read(in, BlockHeader.LENGTH));
            int height = in.getInt();
            long bits = Integer.toUnsignedLong(in.getInt());
            long time = Integer.toUnsignedLong(in.getInt());
            BigInteger work = new BigInteger(1, read(in, WORK_BYTES).reversed().toArray());
            return new ChainStart(first, new ChainStart.Anchor(height, bits, time, work));
        } catch (DecodeException | IllegalArgumentException e) {
            throw new HeaderStoreException(
                    Code.UNSUPPORTED,
                    "the file of headers does not start with a valid block header",
                    e);
        }
    }

    private static Bytes read(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return Bytes.wrap(bytes);
    }

    private static void create(StoreFile file, Network network, ChainStart start)
            throws IOException {
        ByteBuffer out = ByteBuffer.allocate(BEGINNING).order(ByteOrder.LITTLE_ENDIAN);
        out.put(MAGIC.toArray()).put(network.id().toArray());
        out.put(start.first().serialize().toArray());
        ChainStart.Anchor anchor = start.anchor();
        out.putInt(anchor.height()).putInt((int) anchor.bits()).putInt((int) anchor.time());
        BigInteger work = anchor.workBelow();
        out.putLong(work.longValue()).putLong(work.shiftRight(Long.SIZE).longValue());
        out.putInt(checksum(out.array())).flip();
        file.truncate(0);
        file.write(0, out);
        // Nothing is appended to a beginning that a crash could take away.
        file.force();
    }

    private static int checksum(byte[] beginning) {
        CRC32C crc = new CRC32C();
        crc.update(beginning, 0, BEGINNING - 4);
        return (int) crc.getValue();
    }

    /// How many bytes were damaged, or behind damaged ones, when the files were opened, and were
    /// cut off.
    public long bytesCutOff() {
        return bytesCutOff;
    }

    @Override
    public ChainStart start() {
        return start;
    }

    @Override
    public int size() {
        return headers.size() + 1;
    }

    @Override
    public void append(byte[] bytes, int offset, int count) {
        append(headers, bytes, offset, count);
    }

    private void append(RecordFile file, byte[] bytes, int offset, int count) {
        requireWhole();
        int before = file.size();
        try {
            file.append(bytes, offset, count);
        } catch (IOException e) {
            cutBack(file, before, e);
            throw failure("cannot be written", e);
        }
    }

    private void cutBack(RecordFile file, int before, IOException cause) {
        try {
            file.truncate(before);
        } catch (IOException e) {
            broken = true;
            cause.addSuppressed(e);
        }
    }

    @Override
    public void truncate(int size) {
        requireWhole();
        try {
            headers.truncate(size - 1);
        } catch (IOException e) {
            broken = true;
            throw failure("cannot be cut off", e);
        }
    }

    private void requireWhole() {
        if (broken) {
            throw new HeaderStoreException(
                    Code.BROKEN, "the headers can no longer be written after an earlier failure");
        }
    }

    @Override
    public int i32(int position, int offset) {
        return position == 0
                ? ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getInt(offset)
                : headers.i32(position - 1, offset);
    }

    @Override
    public long i64(int position, int offset) {
        return position == 0
                ? ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getLong(offset)
                : headers.i64(position - 1, offset);
    }

    @Override
    public void copy(int position, byte[] target, int at) {
        if (position == 0) {
            System.arraycopy(first, 0, target, at, first.length);
        } else {
            headers.copy(position - 1, target, at);
        }
    }

    @Override
    public List<Mark> marks() {
        return read(marks);
    }

    private static List<Mark> read(RecordFile marks) {
        List<Mark> list = new ArrayList<>();
        byte[] record = new byte[MARK_LENGTH];
        for (int i = 0; i < marks.size(); i++) {
            marks.copy(i, record, 0);
            BlockHash block = BlockHash.of(Bytes.of(record, 1, 1 + BlockHash.LENGTH));
            // A kind that a later version knows says nothing to this one.
            kind(record[0]).ifPresent(kind -> list.add(new Mark(kind, block)));
        }
        return list;
    }

    private static byte code(Mark.Kind kind) {
        return switch (kind) {
            case INVALID -> 1;
            case RECONSIDERED -> 2;
            case VERIFIED_TIP -> 3;
            case DECLARED_INVALID -> 4;
        };
    }

    private static Optional<Mark.Kind> kind(byte code) {
        for (Mark.Kind kind : Mark.Kind.values()) {
            if (code(kind) == code) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }

    @Override
    public void mark(Mark mark) {
        append(marks, record(mark), 0, 1);
    }

    private static byte[] record(Mark mark) {
        byte[] record = new byte[MARK_LENGTH];
        record[0] = code(mark.kind());
        System.arraycopy(mark.block().toArray(), 0, record, 1, BlockHash.LENGTH);
        return record;
    }

    /// Writes the marks anew where most of them say nothing any more. The new file takes the old
    /// one's place when it is on disk as a whole; whatever fails before leaves the old one.
    private static RecordFile compacted(StoreFolder folder, RecordFile marks, List<StoreFile> open)
            throws IOException {
        List<Mark> live = LiveMarks.of(read(marks));
        if (marks.size() < COMPACTED_FROM || live.size() > marks.size() / 2) {
            return marks;
        }
        StoreFile file = folder.open(NEW_MARKS);
        try {
            file.truncate(0);
            RecordFile compacted = RecordFile.open(file, 0, MARK_LENGTH);
            for (Mark mark : live) {
                compacted.append(record(mark), 0, 1);
            }
            compacted.force();
            folder.rename(NEW_MARKS, MARKS);
            folder.forceNames();
            open.add(file);
            marks.close();
            return compacted;
        } catch (IOException e) {
            file.close();
            if (isFullDisk(e)) {
                return marks; // Another time.
            }
            throw e;
        }
    }

    /// A failure leaves the store broken: what the system then says was written may not have been.
    @Override
    public void force() {
        requireWhole();
        try {
            headers.force();
            marks.force();
        } catch (IOException e) {
            broken = true;
            throw failure("cannot be forced to disk", e);
        }
    }

    @Override
    public void close() {
        try {
            headers.close();
            marks.close();
            folder.close();
        } catch (IOException e) {
            throw failure("cannot be closed", e);
        }
    }

    private static boolean isFullDisk(IOException cause) {
        String reason = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        return reason.contains("no space left") || reason.contains("quota exceeded");
    }

    private static HeaderStoreException failure(String what, IOException cause) {
        String reason = String.valueOf(cause.getMessage());
        String lower = reason.toLowerCase(Locale.ROOT);
        Code code = Code.IO;
        if (isFullDisk(cause)) {
            code = Code.DISK_FULL;
        } else if (cause instanceof AccessDeniedException || lower.contains("read-only")) {
            code = Code.READ_ONLY;
        }
        return new HeaderStoreException(code, "headers: " + what + ": " + reason, cause);
    }
}
