package org.tutti.node.keystore;

import org.tutti.node.files.IoReason;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/// Files that only their owner may read (0600, in folders with 0700), written whole or not at all.
///
/// Not final: tests watch what is wiped and forced.
class SecretFiles {
    /// No secret file is longer.
    static final int MAX_BYTES = 4096;

    private static final Set<PosixFilePermission> OWNER =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    private static final Set<PosixFilePermission> OTHERS =
            EnumSet.complementOf(
                    EnumSet.of(
                            PosixFilePermission.OWNER_READ,
                            PosixFilePermission.OWNER_WRITE,
                            PosixFilePermission.OWNER_EXECUTE));

    /// Makes the folder and all that is missing above it; only the owner may open it.
    static void folder(Path folder) throws IOException {
        Files.createDirectories(
                folder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /// Makes `folder` with all the files in it, in one step: after a crash at any point either all
    /// of it is there or nothing is.
    ///
    /// @throws FileAlreadyExistsException if the folder is there already
    void writeAll(Path folder, Map<String, byte[]> files) throws IOException {
        Path parent = folder.toAbsolutePath().getParent();
        if (parent == null || Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(folder.toString());
        }
        try {
            folder(parent);
        } catch (FileAlreadyExistsException e) {
            throw new NotDirectoryException(parent.toString());
        }
        Path fresh =
                Files.createTempDirectory(
                        parent,
                        folder.getFileName() + ".new",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
        try {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                write(fresh.resolve(file.getKey()), file.getValue());
            }
            force(fresh);
            // rename(2) refuses a target that is a folder with something in it.
            Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
            force(parent);
        } catch (IOException e) {
            for (String name : files.keySet()) {
                Files.deleteIfExists(fresh.resolve(name));
            }
            Files.deleteIfExists(fresh);
            throw e;
        }
    }

    /// Makes one file more in a folder that is there: after a crash it is there whole, or not at
    /// all.
    void writeNew(Path file, byte[] content) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(file.toString());
        }
        // What a crash left of an earlier try is half a file, and nobody uses it.
        Path fresh = folder.resolve(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        write(fresh, content);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        force(folder);
    }

    private void write(Path file, byte[] content) throws IOException {
        Set<OpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel =
                FileChannel.open(file, options, PosixFilePermissions.asFileAttribute(OWNER))) {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            force(file, channel);
        }
    }

    private void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            force(folder, channel);
        }
    }

    /// Returns when the file's or the folder's content is on the disk.
    void force(Path path, FileChannel channel) throws IOException {
        channel.force(true);
    }

    /// The whole content; the caller wipes it.
    byte[] read(Path file) throws KeyStoreException {
        try {
            Set<PosixFilePermission> permissions = EnumSet.copyOf(OTHERS);
            permissions.retainAll(Files.getPosixFilePermissions(file));
            if (!permissions.isEmpty()) {
                throw new KeyStoreException(
                        file + ": others may read this secret file; run: chmod 600 " + file);
            }
            if (Files.size(file) > MAX_BYTES) {
                throw new KeyStoreException(file + ": too long for a key file");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new KeyStoreException(
                    file
                            + ": no such key file; make the node's keys with: tutti node init --network NAME",
                    e);
        } catch (IOException e) {
            throw new KeyStoreException(file + ": cannot be read: " + IoReason.of(e), e);
        }
    }

    void wipe(byte[] secret) {
        Arrays.fill(secret, (byte) 0);
    }
}
