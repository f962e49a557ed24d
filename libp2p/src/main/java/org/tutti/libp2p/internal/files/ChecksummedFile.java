package org.tutti.libp2p.internal.files;

import org.tutti.base.DurableFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/// One file that only its owner may read (0600): 8 bytes that say what it is, the SHA-256 of what
/// follows, and that. It is written to a temporary file, forced and renamed, so that it is whole
/// after a crash.
///
/// A file that is damaged, too long or something else is moved aside, to the same name with
/// `.damaged` behind it, and said in the log: for what can be learnt again.
public final class ChecksummedFile {
    private static final System.Logger LOG = System.getLogger(ChecksummedFile.class.getName());

    private static final int MAGIC = 8;
    private static final int HASH = 32;

    /// What stands before the content.
    public static final int HEADER = MAGIC + HASH;

    private final Path file;
    private final byte[] magic;
    private final int maxLength;
    private final String what;

    /// @param file need not be there yet; its folder must be
    /// @param magic 8 ASCII characters
    /// @param maxLength of the whole file
    /// @param what is in it, for the log: `the file of …`
    public ChecksummedFile(Path file, String magic, int maxLength, String what) {
        this.file = file;
        this.magic = magic.getBytes(StandardCharsets.US_ASCII);
        this.maxLength = maxLength;
        this.what = what;
        if (this.magic.length != MAGIC) {
            throw new IllegalArgumentException(magic + " has not 8 characters");
        }
    }

    /// Reads what is in a whole file.
    @FunctionalInterface
    public interface Decoder<T> {
        /// @throws DamagedException if the content is not what we write
        T decode(byte[] content) throws DamagedException;
    }

    /// What was saved last; empty if nothing was, or if it is damaged.
    ///
    /// @throws IOException if it cannot be read
    public <T> Optional<T> load(Decoder<T> decoder) throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException(file + " is not a regular file");
            }
            return Optional.of(decoder.decode(unframed(read())));
        } catch (DamagedException e) {
            Path aside = file.resolveSibling(file.getFileName() + ".damaged");
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the file of {0} is started afresh: {1} {2}; it is kept as {3}",
                    what,
                    file,
                    e.getMessage(),
                    aside);
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            return Optional.empty();
        }
    }

    private byte[] read() throws IOException, DamagedException {
        try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] content = in.readNBytes(maxLength + 1);
            if (content.length > maxLength) {
                throw new DamagedException("is longer than " + maxLength + " bytes");
            }
            return content;
        }
    }

    private byte[] unframed(byte[] whole) throws DamagedException {
        if (whole.length < HEADER) {
            throw new DamagedException("is cut short");
        }
        if (!Arrays.equals(whole, 0, MAGIC, magic, 0, MAGIC)) {
            throw new DamagedException("is something else");
        }
        byte[] content = Arrays.copyOfRange(whole, HEADER, whole.length);
        if (!MessageDigest.isEqual(Arrays.copyOfRange(whole, MAGIC, HEADER), sha256(content))) {
            throw new DamagedException("has a wrong checksum");
        }
        return content;
    }

    /// Puts this in place of what was there.
    public void save(byte[] content) throws IOException {
        DurableFile.replace(
                file,
                ByteBuffer.allocate(HEADER + content.length)
                        .put(magic)
                        .put(sha256(content))
                        .put(content)
                        .array());
    }

    private static byte[] sha256(byte[] message) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(message);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
