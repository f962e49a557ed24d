package org.tutti.signing.journal;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/// A journal in a folder on disk: beside it a lock file, and while it is made or compacted a
/// temporary file.
public final class FolderJournalFiles implements JournalFiles {
    private final Path path;
    private final Path temporary;
    private final Channels channels;
    private final FileChannel lockChannel;

    private FolderJournalFiles(Path path, Channels channels, FileChannel lockChannel) {
        this.path = path;
        this.temporary = path.resolveSibling(path.getFileName() + ".compact");
        this.channels = channels;
        this.lockChannel = lockChannel;
    }

    /// Takes the lock of the journal `path`, in a folder that exists.
    ///
    /// @throws JournalException with `LOCKED` if another process, or this one, has it open
    public static FolderJournalFiles open(Path path) throws IOException {
        return open(path, FileChannel::open);
    }

    /// Opens channels; a test replaces it to record what is forced.
    interface Channels {
        FileChannel open(Path path, OpenOption... options) throws IOException;
    }

    static FolderJournalFiles open(Path path, Channels channels) throws IOException {
        Path lockPath = path.resolveSibling(path.getFileName() + ".lock");
        FileChannel lockChannel =
                channels.open(lockPath, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (tryLock(lockChannel) == null) {
                throw new JournalException(
                        JournalException.Code.LOCKED, path + " is in use by another process");
            }
            return new FolderJournalFiles(path, channels, lockChannel);
        } catch (IOException | RuntimeException e) {
            lockChannel.close();
            throw e;
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException _) {
            return null;
        }
    }

    @Override
    public Optional<JournalFile> journal() throws IOException {
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        FileChannel channel =
                channels.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        channel.position(channel.size());
        return Optional.of(new ChannelJournalFile(channel));
    }

    @Override
    public JournalSource source() throws IOException {
        return new ChannelJournalFile(channels.open(path, StandardOpenOption.READ));
    }

    /// Its permissions are on disk before anything is written into it.
    @Override
    public JournalFile createTemporary() throws IOException {
        deleteTemporary();
        FileChannel channel =
                channels.open(
                        temporary,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        try {
            if (isPosix()) {
                Files.setPosixFilePermissions(
                        temporary, PosixFilePermissions.fromString("rw-------"));
            }
            channel.force(true);
            return new ChannelJournalFile(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void deleteTemporary() throws IOException {
        Files.deleteIfExists(temporary);
    }

    @Override
    public void replaceByTemporary() throws IOException {
        Files.move(
                temporary,
                path,
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    /// A file's name is in its folder: without this the whole journal could be missing after a
    /// crash.
    @Override
    public void forceNames() throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder == null || !isPosix()) {
            return; // Windows cannot open a folder, and writes names through to disk.
        }
        try (FileChannel channel = channels.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private boolean isPosix() {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    @Override
    public void close() throws IOException {
        lockChannel.close();
    }
}
