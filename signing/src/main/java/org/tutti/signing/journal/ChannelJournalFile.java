package org.tutti.signing.journal;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/// A journal file on disk, with a lock file beside it so that two processes never write the same
/// journal.
public final class ChannelJournalFile implements JournalFile {
    private final FileChannel channel;
    private final FileChannel lockChannel;

    private ChannelJournalFile(FileChannel channel, FileChannel lockChannel) {
        this.channel = channel;
        this.lockChannel = lockChannel;
    }

    /// Opens or creates the file, readable only by its owner.
    ///
    /// @throws JournalException with `LOCKED` if another process, or this one, has it open
    public static ChannelJournalFile open(Path path) throws IOException {
        return open(path, FileChannel::open);
    }

    /// Opens channels; a test replaces it to record what is forced.
    interface Channels {
        FileChannel open(Path path, OpenOption... options) throws IOException;
    }

    static ChannelJournalFile open(Path path, Channels channels) throws IOException {
        Path lockPath = path.resolveSibling(path.getFileName() + ".lock");
        FileChannel lockChannel =
                channels.open(lockPath, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (tryLock(lockChannel) == null) {
                throw new JournalException(
                        JournalException.Code.LOCKED, path + " is in use by another process");
            }
            return new ChannelJournalFile(openJournal(path, channels), lockChannel);
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

    private static FileChannel openJournal(Path path, Channels channels) throws IOException {
        boolean fresh = !Files.exists(path);
        FileChannel channel =
                channels.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        if (fresh) {
            restrict(path);
            channel.force(true);
            forceFolder(path, channels);
        }
        channel.position(channel.size());
        return channel;
    }

    private static void restrict(Path path) throws IOException {
        if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        }
    }

    /// A new file's name is in its folder: without this the whole journal could be missing after a
    /// crash.
    private static void forceFolder(Path path, Channels channels) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder == null
                || !path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return; // Windows cannot open a folder, and writes names through to disk.
        }
        try (FileChannel channel = channels.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public int read(long position, ByteBuffer target) throws IOException {
        return channel.read(target, position);
    }

    @Override
    public void append(ByteBuffer source) throws IOException {
        while (source.hasRemaining()) {
            channel.write(source);
        }
    }

    /// fdatasync: the length is metadata that it writes too, because the data could not be read
    /// without it.
    @Override
    public void force() throws IOException {
        channel.force(false);
    }

    @Override
    public void truncate(long size) throws IOException {
        channel.truncate(size);
        channel.position(size);
    }

    @Override
    public void close() throws IOException {
        try (FileChannel _ = lockChannel) {
            channel.close();
        }
    }
}
