package org.tutti.wallet.policy;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.wallet.policy.DailySpending.Approved;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.zip.CRC32C;

/// The approvals on disk: entries of 52 bytes, big-endian: time in milliseconds (8), txid as hashed
/// (32), satoshi (8), CRC32C of these (4).
///
/// An incomplete entry at the end is what a crash leaves, and is cut off; an entry whose checksum
/// is wrong is damage. Opening writes the file anew with what still counts, so that it stays short.
final class SpendingFile implements AutoCloseable {
    private static final int ENTRY = 8 + 32 + 8 + 4;

    /// Longest file that is read: ten times what may count.
    static final long MAX_BYTES = 10L * DailySpending.MAX_COUNTED * ENTRY;

    private final FileChannel channel;

    private SpendingFile(FileChannel channel) {
        this.channel = channel;
    }

    /// @param keep which entries still count
    /// @param kept gets them, oldest first
    static SpendingFile open(Path path, Predicate<Approved> keep, List<Approved> kept)
            throws IOException {
        if (Files.exists(path)) {
            if (Files.size(path) > MAX_BYTES) {
                throw new IOException("longer than " + MAX_BYTES + " bytes");
            }
            ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(path));
            while (all.remaining() >= ENTRY) {
                Approved approved = read(all);
                if (keep.test(approved)) {
                    kept.add(approved);
                }
            }
        }
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        FileChannel channel =
                FileChannel.open(
                        fresh,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.APPEND),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        try {
            for (Approved approved : kept) {
                write(channel, approved);
            }
            channel.force(true);
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
            forceFolder(path);
            return new SpendingFile(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static void forceFolder(Path path) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null) {
            try (FileChannel opened = FileChannel.open(folder, StandardOpenOption.READ)) {
                opened.force(true);
            }
        }
    }

    /// On disk when it returns.
    void append(Approved approved) throws IOException {
        write(channel, approved);
        channel.force(false);
    }

    private static void write(FileChannel channel, Approved approved) throws IOException {
        ByteBuffer entry = ByteBuffer.allocate(ENTRY);
        entry.putLong(approved.at().toEpochMilli());
        entry.put(approved.txid().toArray());
        entry.putLong(approved.sat());
        entry.putInt(checksum(entry.array()));
        entry.flip();
        // One write in append mode: entries of two threads do not mix. What a full disk cut short
        // is not completed, because another entry may follow it.
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
