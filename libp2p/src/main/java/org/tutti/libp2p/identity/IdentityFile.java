package org.tutti.libp2p.identity;

import org.tutti.base.DurableFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/// An identity in a file: the `PrivateKey` message of peer-ids.md#keys and nothing else, as go's
/// `crypto.MarshalPrivateKey` and rust's `Keypair::to_protobuf_encoding` give it. Its mode is 0600,
/// and it is no link: whoever may change what a name stands for could put an identity of his own
/// there.
public final class IdentityFile {
    private static final Set<PosixFilePermission> OWNER =
            EnumSet.of(
                    PosixFilePermission.OWNER_READ,
                    PosixFilePermission.OWNER_WRITE,
                    PosixFilePermission.OWNER_EXECUTE);

    private IdentityFile() {}

    /// Writes the key to a new file; on disk when this returns.
    ///
    /// @throws FileAlreadyExistsException if something has this name
    public static void create(Path file, PrivateKey key) throws IOException {
        byte[] content = key.toProtobuf();
        try {
            DurableFile.create(file, content);
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    /// Reads the key.
    ///
    /// @throws NoSuchFileException if there is no such file
    /// @throws IOException if it is a link or no file, others may read or write it, or it cannot be
    ///   read
    /// @throws KeyFormatException if it has something else in it
    public static PrivateKey load(Path file) throws IOException, KeyFormatException {
        PosixFileAttributes before = requireOwners(file);
        byte[] content;
        try (SeekableByteChannel channel =
                Files.newByteChannel(
                        file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            // The open file cannot be asked: the name has to stand for one file before and after.
            if (!Objects.equals(requireOwners(file).fileKey(), before.fileKey())) {
                throw new FileSystemException(
                        file.toString(), null, "was replaced while it was read");
            }
            content = read(file, channel);
        }
        try {
            return Keys.privateFromProtobuf(content);
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    /// Reads the key, or makes it if there is no such file. Two processes that do so at once get
    /// the same.
    ///
    /// @param fresh makes the key, such as `() -> Keys.generate(KeyType.ED25519, random)`
    public static PrivateKey loadOrCreate(Path file, Supplier<? extends PrivateKey> fresh)
            throws IOException, KeyFormatException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            PrivateKey key = fresh.get();
            try {
                create(file, key);
                return key;
            } catch (FileAlreadyExistsException e) {
                // Another process was faster.
            }
        }
        return load(file);
    }

    private static PosixFileAttributes requireOwners(Path file) throws IOException {
        PosixFileAttributes attributes =
                Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isRegularFile()) {
            throw new FileSystemException(
                    file.toString(),
                    null,
                    attributes.isSymbolicLink()
                            ? "is a link, and an identity is read from no link"
                            : "is no file");
        }
        if (!OWNER.containsAll(attributes.permissions())) {
            throw new FileSystemException(
                    file.toString(),
                    null,
                    "others may read or write this secret file; run: chmod 600 " + file);
        }
        return attributes;
    }

    private static byte[] read(Path file, SeekableByteChannel channel) throws IOException {
        if (channel.size() > KeyProtobuf.MAX_LENGTH) {
            throw new FileSystemException(file.toString(), null, "is too long for a key");
        }
        ByteBuffer content = ByteBuffer.allocate((int) channel.size());
        while (content.hasRemaining() && channel.read(content) >= 0) {
            // Until all of it is there.
        }
        return content.array();
    }
}
