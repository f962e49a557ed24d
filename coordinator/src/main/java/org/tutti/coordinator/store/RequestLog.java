package org.tutti.coordinator.store;

import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.coordinator.message.ProposalId;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.pb.LogGroupEndedPb;
import org.tutti.coordinator.pb.LogGroupPreviousPb;
import org.tutti.coordinator.pb.LogOverPb;
import org.tutti.coordinator.pb.LogSignedPb;
import org.tutti.coordinator.pb.LogTakenPb;
import org.tutti.libp2p.protobuf.ProtobufBytes;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

/// The file of a node's requests: a header, then entries, which are only appended. A crash leaves a
/// torn last entry, which is cut off; any other damage keeps it from being opened.
///
/// An entry is its type (1 byte), the length of its content (4, big-endian), the content, and the
/// CRC32C of all that.
///
/// Not safe for threads: its owner keeps it to one.
public final class RequestLog implements Closeable {
    /// The largest content of an entry: a request with its transaction.
    static final int MAX_CONTENT = 2 << 20;

    private static final byte[] MAGIC = "TUTTIRQ1".getBytes(StandardCharsets.US_ASCII);

    private static final int HEAD = 5;
    private static final int CHECKSUM = 4;

    private static final Set<PosixFilePermission> OWNER =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final Path file;
    private final FileLock lock;
    private FileChannel channel;
    private long size;

    private RequestLog(Path file, FileLock lock, FileChannel channel, long size) {
        this.file = file;
        this.lock = lock;
        this.channel = channel;
        this.size = size;
    }

    /// A log and what it had.
    public record Opened(RequestLog log, List<LogEntry> entries) {}

    /// Opens or makes a log.
    ///
    /// @param file its folder must be there
    /// @throws IOException if it is in use, damaged, or cannot be read
    public static Opened open(Path file) throws IOException {
        Path locked = file.resolveSibling(file.getFileName() + ".lock");
        FileChannel lockChannel =
                FileChannel.open(
                        locked,
                        Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(OWNER));
        try {
            FileLock lock = lockChannel.tryLock();
            if (lock == null) {
                throw new IOException(file + " is in use by another process");
            }
            return open(file, lock);
        } catch (OverlappingFileLockException e) {
            lockChannel.close();
            throw new IOException(file + " is in use by this process", e);
        } catch (IOException e) {
            lockChannel.close();
            throw e;
        }
    }

    private static Opened open(Path file, FileLock lock) throws IOException {
        FileChannel channel = channel(file);
        try {
            List<LogEntry> entries = new ArrayList<>();
            long end = read(file, channel, entries);
            if (end == 0) {
                write(channel, MAGIC);
                channel.force(true);
                end = MAGIC.length;
            } else if (end < channel.size()) {
                channel.truncate(end);
                channel.force(true);
            }
            channel.position(end);
            return new Opened(new RequestLog(file, lock, channel, end), entries);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static FileChannel channel(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(OWNER));
    }

    /// @return where the last whole entry ends
    private static long read(Path file, FileChannel channel, List<LogEntry> entries)
            throws IOException {
        long total = channel.size();
        if (total == 0) {
            return 0;
        }
        DataInputStream in =
                new DataInputStream(
                        new BufferedInputStream(Channels.newInputStream(channel), 1 << 16));
        byte[] magic = in.readNBytes(MAGIC.length);
        if (!Arrays.equals(magic, MAGIC)) {
            if (total < MAGIC.length) {
                return 0; // A crash while it was made.
            }
            throw new IOException(file + " is not a log of requests");
        }
        long at = MAGIC.length;
        while (at < total) {
            try {
                int type = in.readUnsignedByte();
                int length = in.readInt();
                boolean plausible = length >= 0 && length <= MAX_CONTENT;
                if (!plausible || at + HEAD + length + CHECKSUM > total) {
                    return torn(file, at, total);
                }
                byte[] content = in.readNBytes(length);
                int checksum = in.readInt();
                long next = at + HEAD + length + CHECKSUM;
                if (checksum != checksum(type, content)) {
                    if (next == total) {
                        return at; // Torn: its pages reached the disk in another order.
                    }
                    throw damaged(file, at);
                }
                entries.add(decode(file, at, type, Bytes.wrap(content)));
                at = next;
            } catch (EOFException e) {
                return torn(file, at, total);
            }
        }
        return at;
    }

    /// Only what was being written may be torn.
    private static long torn(Path file, long at, long total) throws IOException {
        if (total - at > MAX_TORN) {
            throw damaged(file, at);
        }
        return at;
    }

    /// What is written is forced when it has this many bytes.
    private static final int PART = 1 << 20;

    /// The most that is written before it is forced.
    static final long MAX_TORN = PART + HEAD + MAX_CONTENT + CHECKSUM;

    private static IOException damaged(Path file, long at) {
        return new IOException(file + " is damaged at byte " + at);
    }

    private static int checksum(int type, byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(type);
        crc.update(ByteBuffer.allocate(4).putInt(content.length).array());
        crc.update(content);
        return (int) crc.getValue();
    }

    /// Appends entries and forces them: nothing that follows from them may leave the process before
    /// this has returned. So only what is being written now can be torn by a crash, which is why
    /// nothing is ever written without being forced.
    ///
    /// @throws IOException if the disk does not take them; the log must not be used again
    public void append(List<LogEntry> entries) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (LogEntry entry : entries) {
            out.writeBytes(encode(entry));
            if (out.size() >= PART) {
                force(out);
            }
        }
        if (out.size() > 0) {
            force(out);
        }
    }

    private void force(ByteArrayOutputStream out) throws IOException {
        write(channel, out.toByteArray());
        channel.force(false);
        size += out.size();
        out.reset();
    }

    /// How long the file is.
    public long size() {
        return size;
    }

    /// Puts what matters in the place of everything: the old file is there until the new one is
    /// whole and on disk.
    public void compact(List<LogEntry> entries) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        FileChannel next = channel(fresh);
        boolean moved = false;
        try {
            write(next, MAGIC);
            long length = MAGIC.length;
            for (LogEntry entry : entries) {
                byte[] bytes = encode(entry);
                write(next, bytes);
                length += bytes.length;
            }
            next.force(true);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            moved = true;
            channel.close();
            channel = next;
            size = length;
            try (FileChannel folder =
                    FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
                folder.force(true);
            }
        } catch (IOException e) {
            if (!moved) {
                next.close();
                Files.deleteIfExists(fresh);
            }
            throw e;
        }
    }

    private static void write(FileChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static byte[] encode(LogEntry entry) {
        byte[] content =
                switch (entry) {
                    case LogEntry.Taken(Bytes request, Bytes psbt) ->
                            LogTakenPb.newBuilder()
                                    .setRequest(ProtobufBytes.toProtobuf(request))
                                    .setPsbt(ProtobufBytes.toProtobuf(psbt))
                                    .build()
                                    .toByteArray();
                    case LogEntry.Said(Bytes statement) -> statement.toArray();
                    case LogEntry.Known(Bytes contact) -> contact.toArray();
                    case LogEntry.Signed(RequestId id, List<Bytes> signatures) ->
                            LogSignedPb.newBuilder()
                                    .setRequestId(ProtobufBytes.toProtobuf(id.bytes()))
                                    .addAllSignatures(ProtobufBytes.listToProtobuf(signatures))
                                    .build()
                                    .toByteArray();
                    case LogEntry.Over(RequestId id, Instant until, String code) ->
                            LogOverPb.newBuilder()
                                    .setRequestId(ProtobufBytes.toProtobuf(id.bytes()))
                                    .setUntil(until.toEpochMilli())
                                    .setCode(code)
                                    .build()
                                    .toByteArray();
                    case LogEntry.GroupTaken(Bytes proposal) -> proposal.toArray();
                    case LogEntry.GroupSaid(Bytes statement) -> statement.toArray();
                    case LogEntry.GroupPrevious(ProposalId id, Bytes descriptor) ->
                            LogGroupPreviousPb.newBuilder()
                                    .setProposalId(ProtobufBytes.toProtobuf(id.bytes()))
                                    .setEncoding(ProtobufBytes.toProtobuf(descriptor))
                                    .build()
                                    .toByteArray();
                    case LogEntry.GroupEnded ended ->
                            LogGroupEndedPb.newBuilder()
                                    .setProposalId(
                                            ProtobufBytes.toProtobuf(ended.proposal().bytes()))
                                    .setCode(ended.code())
                                    .setReason(ended.reason())
                                    .addAllCulprits(ProtobufBytes.listToProtobuf(ended.culprits()))
                                    .setAt(ended.at().toEpochMilli())
                                    .build()
                                    .toByteArray();
                };
        int type = type(entry);
        return ByteBuffer.allocate(HEAD + content.length + CHECKSUM)
                .put((byte) type)
                .putInt(content.length)
                .put(content)
                .putInt(checksum(type, content))
                .array();
    }

    private static int type(LogEntry entry) {
        return switch (entry) {
            case LogEntry.Taken _ -> 1;
            case LogEntry.Said _ -> 2;
            case LogEntry.Known _ -> 3;
            case LogEntry.Signed _ -> 4;
            case LogEntry.Over _ -> 5;
            case LogEntry.GroupTaken _ -> 7;
            case LogEntry.GroupSaid _ -> 8;
            case LogEntry.GroupEnded _ -> 9;
            case LogEntry.GroupPrevious _ -> 10;
        };
    }

    private static LogEntry decode(Path file, long at, int type, Bytes content) throws IOException {
        try {
            return switch (type) {
                case 1 -> {
                    LogTakenPb pb = LogTakenPb.parseFrom(content.toArray());
                    yield new LogEntry.Taken(
                            ProtobufBytes.fromProtobuf(pb.getRequest()),
                            ProtobufBytes.fromProtobuf(pb.getPsbt()));
                }
                case 2 -> new LogEntry.Said(content);
                case 3 -> new LogEntry.Known(content);
                case 4 -> {
                    LogSignedPb pb = LogSignedPb.parseFrom(content.toArray());
                    yield new LogEntry.Signed(
                            new RequestId(ProtobufBytes.fromProtobuf(pb.getRequestId())),
                            ProtobufBytes.listFromProtobuf(pb.getSignaturesList()));
                }
                case 5 -> {
                    LogOverPb pb = LogOverPb.parseFrom(content.toArray());
                    yield new LogEntry.Over(
                            new RequestId(ProtobufBytes.fromProtobuf(pb.getRequestId())),
                            Instant.ofEpochMilli(pb.getUntil()),
                            pb.getCode());
                }
                case 7 -> new LogEntry.GroupTaken(content);
                case 8 -> new LogEntry.GroupSaid(content);
                case 9 -> {
                    LogGroupEndedPb pb = LogGroupEndedPb.parseFrom(content.toArray());
                    yield new LogEntry.GroupEnded(
                            new ProposalId(ProtobufBytes.fromProtobuf(pb.getProposalId())),
                            pb.getCode(),
                            pb.getReason(),
                            ProtobufBytes.listFromProtobuf(pb.getCulpritsList()),
                            Instant.ofEpochMilli(pb.getAt()));
                }
                case 10 -> {
                    LogGroupPreviousPb pb = LogGroupPreviousPb.parseFrom(content.toArray());
                    yield new LogEntry.GroupPrevious(
                            new ProposalId(ProtobufBytes.fromProtobuf(pb.getProposalId())),
                            ProtobufBytes.fromProtobuf(pb.getEncoding()));
                }
                default -> throw damaged(file, at);
            };
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw damaged(file, at);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        lock.channel().close();
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
