package org.tutti.wallet.policy;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.wallet.policy.SpendingWindow.Approved;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;

/// The approvals on disk: entries of 52 bytes, big-endian: time in milliseconds (8), txid as hashed
/// (32), satoshi (8), CRC32C of these (4). An entry of -1 satoshi says that its transaction no
/// longer counts.
///
/// An incomplete entry at the end is what a crash leaves, and is cut off; an entry whose checksum
/// is wrong is damage. Opening writes the file anew with what still counts.
///
/// One thread at a time, which nobody may interrupt: an interrupt closes a channel for good.
final class SpendingFile implements AutoCloseable {
    private static final int ENTRY = 8 + 32 + 8 + 4;

    /// In the place of the amount: no longer counts.
    private static final long FREED = -1;

    /// Longest file that is read: ten times what may count.
    static final long MAX_BYTES = 10L * DailySpending.MAX_COUNTED * ENTRY;

    /// Brings what was written to the disk; tests have others, which watch or fail.
    @FunctionalInterface
    interface Disk {
        /// @param path the file or folder that the channel is of
        /// @param metadata whether more than the content has to be there
        void force(Path path, FileChannel channel, boolean metadata) throws IOException;
    }

    static final Disk DISK = (_, channel, metadata) -> channel.force(metadata);

    private final Path path;
    private final Disk disk;
    private FileChannel channel;
    private long entries;

    private SpendingFile(Path path, Disk disk, FileChannel channel, long entries) {
        this.path = path;
        this.disk = disk;
        this.channel = channel;
        this.entries = entries;
    }

    /// @param kept gets what still counts, oldest first
    static SpendingFile open(Path path, List<Approved> kept, Disk disk) throws IOException {
        if (Files.exists(path)) {
            if (Files.size(path) > MAX_BYTES) {
                throw new IOException("longer than " + MAX_BYTES + " bytes");
            }
            kept.addAll(readAll(ByteBuffer.wrap(Files.readAllBytes(path))));
        }
        return new SpendingFile(path, disk, fresh(path, kept, disk), kept.size());
    }

    private static List<Approved> readAll(ByteBuffer all) throws IOException {
        Map<Txid, Approved> counted = new LinkedHashMap<>();
        while (all.remaining() >= ENTRY) {
            Approved approved = read(all);
            if (approved.sat() == FREED) {
                counted.remove(approved.txid());
            } else {
                counted.put(approved.txid(), approved);
            }
        }
        return List.copyOf(counted.values());
    }

    /// A new file in the place of the old one: whoever is killed meanwhile leaves one of the two.
    private static FileChannel fresh(Path path, List<Approved> content, Disk disk)
            throws IOException {
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        FileChannel channel =
                FileChannel.open(
                        fresh,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.APPEND),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        try {
            for (Approved approved : content) {
                write(channel, approved);
            }
            disk.force(fresh, channel, true);
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
            forceFolder(path, disk);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static void forceFolder(Path path, Disk disk) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null) {
            try (FileChannel opened = FileChannel.open(folder, StandardOpenOption.READ)) {
                disk.force(folder, opened, true);
            }
        }
    }

    /// How many entries there are, those that no longer count among them.
    long entries() {
        return entries;
    }

    /// On disk after the next [#force].
    void append(Approved approved) throws IOException {
        write(channel, approved);
        entries++;
    }

    /// Says that a transaction no longer counts. On disk after the next [#force].
    void free(Txid txid) throws IOException {
        append(new Approved(txid, Instant.EPOCH, FREED));
    }

    void force() throws IOException {
        disk.force(path, channel, false);
    }

    /// Writes the file anew; on disk when it returns.
    void replace(List<Approved> content) throws IOException {
        FileChannel next = fresh(path, content, disk);
        channel.close();
        channel = next;
        entries = content.size();
    }

    private static void write(FileChannel channel, Approved approved) throws IOException {
        ByteBuffer entry = ByteBuffer.allocate(ENTRY);
        entry.putLong(approved.at().toEpochMilli());
        entry.put(approved.txid().toArray());
        entry.putLong(approved.sat());
        entry.putInt(checksum(entry.array()));
        entry.flip();
        // What a full disk cut short is not completed, because another entry may follow it.
        if (channel.write(entry) != ENTRY) {
            throw new IOException("only a part could be written");
        }
    }

    private static Approved read(ByteBuffer all) throws IOException {
        byte[] entry = new byte[ENTRY];
        all.get(entry);
        ByteBuffer fields = ByteBuffer.wrap(entry);
        Instant at = Instant.ofEpochMilli(fields.getLong());
        byte[] txid = new byte[32];
        fields.get(txid);
        long sat = fields.getLong();
        if (fields.getInt() != checksum(entry)) {
            throw new IOException("damaged before byte " + all.position());
        }
        return new Approved(Txid.of(Bytes.wrap(txid)), at, sat);
    }

    private static int checksum(byte[] entry) {
        CRC32C crc = new CRC32C();
        crc.update(entry, 0, ENTRY - 4);
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
