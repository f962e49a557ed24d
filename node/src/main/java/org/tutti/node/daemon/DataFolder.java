package org.tutti.node.daemon;

import org.tutti.node.daemon.NodeException.Kind;
import org.tutti.node.files.IoReason;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A node's data folder, locked while the node runs: a second process on the same folder would sign
/// with the same key, and not know the first one's journal.
final class DataFolder implements AutoCloseable {
    private final FileChannel channel;

    private DataFolder(FileChannel channel) {
        this.channel = channel;
    }

    /// Locks the folder, or fails at once if another process has it.
    ///
    /// @throws NodeException `NO_DATA_FOLDER` or `DATA_FOLDER_LOCKED`
    static DataFolder lock(Path path) {
        if (!Files.isDirectory(path)) {
            throw new NodeException(
                    "NO_DATA_FOLDER",
                    Kind.CONFIGURATION,
                    path
                            + ": no such folder; make it with: ./tutti node init --data "
                            + path
                            + " --network NAME");
        }
        FileChannel channel = null;
        try {
            channel =
                    FileChannel.open(
                            path.resolve("lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                channel.close();
                throw locked(path);
            }
            return new DataFolder(channel);
        } catch (OverlappingFileLockException e) {
            throw locked(path);
        } catch (IOException e) {
            throw new NodeException(
                    "NO_DATA_FOLDER",
                    Kind.ENVIRONMENT,
                    path + ": cannot be used: " + IoReason.of(e),
                    e);
        }
    }

    private static NodeException locked(Path path) {
        return new NodeException(
                "DATA_FOLDER_LOCKED",
                Kind.ENVIRONMENT,
                path + ": another node is running with this data folder");
    }

    /// Releases the lock.
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The lock ends with the process at the latest.
        }
    }
}
