package org.tutti.libp2p.kad.record;

import org.tutti.base.DurableFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// The last sequence in a file of 20 bytes that only its owner may read (0600): `TUTTISQ1`, the
/// sequence, and the CRC32C of both, big-endian. It is replaced as a whole and forced.
///
/// A file that is damaged counts as lost, and that is said in the log: the time continues.
public final class FileSequenceStorage implements SequenceStorage {
    private static final System.Logger LOG = System.getLogger(FileSequenceStorage.class.getName());

    private static final byte[] MAGIC = "TUTTISQ1".getBytes(StandardCharsets.US_ASCII);
    private static final int LENGTH = MAGIC.length + Long.BYTES + Integer.BYTES;

    private final Path file;

    /// @param file need not be there yet; its folder must be
    public FileSequenceStorage(Path file) {
        this.file = file;
    }

    @Override
    public long load() throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return 0;
        }
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(file + " is not a regular file");
        }
        byte[] content;
        try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            content = in.readNBytes(LENGTH + 1);
        }
        if (content.length == LENGTH) {
            long sequence = ByteBuffer.wrap(content).getLong(MAGIC.length);
            if (sequence >= 0 && Arrays.equals(content, encode(sequence))) {
                return sequence;
            }
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "the last sequence of our records is lost: {0} is damaged; the time takes its place",
                file);
        return 0;
    }

    @Override
    public void save(long sequence) throws IOException {
        DurableFile.replace(file, encode(sequence));
    }

    private static byte[] encode(long sequence) {
        ByteBuffer out = ByteBuffer.allocate(LENGTH).put(MAGIC).putLong(sequence);
        CRC32C checksum = new CRC32C();
        checksum.update(out.array(), 0, out.position());
        return out.putInt((int) checksum.getValue()).array();
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
