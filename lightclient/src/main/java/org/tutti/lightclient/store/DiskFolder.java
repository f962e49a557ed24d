package org.tutti.lightclient.store;

import org.jspecify.annotations.Nullable;
import org.tutti.lightclient.headers.HeaderStoreException;
import org.tutti.lightclient.headers.HeaderStoreException.Code;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// A folder on disk.
final class DiskFolder implements StoreFolder {
    private final Path folder;
    private final Channels channels;
    private final FileChannel lockChannel;

    private DiskFolder(Path folder, Channels channels, FileChannel lockChannel) {
        this.folder = folder;
        this.channels = channels;
        this.lockChannel = lockChannel;
    }

    /// Opens channels; a test replaces it to record what is forced.
    interface Channels {
        FileChannel open(Path path, OpenOption... options) throws IOException;
    }

    /// Makes the folder if there is none, and takes its lock.
    static DiskFolder open(Path folder, Channels channels) throws IOException {
        Files.createDirectories(folder);
        FileChannel lockChannel =
                channels.open(
                        folder.resolve("lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        try {
            if (tryLock(lockChannel) == null) {
                throw new HeaderStoreException(
                        Code.LOCKED, folder + " is in use by another process");
            }
            return new DiskFolder(folder, channels, lockChannel);
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
    public StoreFile open(String name) throws IOException {
        return new DiskFile(
                channels.open(
                        folder.resolve(name),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE));
    }

    @Override
    public void rename(String name, String newName) throws IOException {
        Files.move(
                folder.resolve(name),
                folder.resolve(newName),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void forceNames() throws IOException {
        try (FileChannel channel = channels.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
        Path parent = folder.toAbsolutePath().getParent();
        if (parent != null) {
            // The folder's own name is in the folder above.
            try (FileChannel channel = channels.open(parent, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    @Override
    public void close() throws IOException {
        lockChannel.close();
    }

    private record DiskFile(FileChannel channel) implements StoreFile {
        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void read(long at, ByteBuffer target) throws IOException {
            long from = at;
            while (target.hasRemaining()) {
                int count = channel.read(target, from);
                if (count < 0) {
                    throw new EOFException("the file ends at " + from);
                }
                from += count;
            }
        }

        @Override
        public void write(long at, ByteBuffer source) throws IOException {
            long to = at;
            while (source.hasRemaining()) {
                to += channel.write(source, to);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public ByteBuffer map(long at, int length) throws IOException {
            return channel.map(MapMode.READ_ONLY, at, length).order(ByteOrder.LITTLE_ENDIAN);
        }

        @Override
        public void force() throws IOException {
            channel.force(false);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
