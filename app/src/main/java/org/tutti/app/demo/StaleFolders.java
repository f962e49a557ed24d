package org.tutti.app.demo;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserPrincipal;

/// Folders of demos whose driver was killed before it could delete them; the next demo deletes
/// them.
///
/// A folder is deleted only if it is provably a dead demo's: it has our name, is a folder and no
/// link, belongs to this user, and holds a lock file that nobody has locked. A living driver has
/// locked it from before the file had its name until the driver's end, however that comes. The
/// folder of `--keep` has no such file.
final class StaleFolders {
    /// What the names of demos' folders begin with; the driver's process id and a hyphen follow.
    static final String PREFIX = "tutti-demo-";

    /// Locked by the driver as long as it lives; empty.
    static final String LOCK_FILE = "demo.lock";

    /// Most folders that one start looks at.
    static final int MAX_LOOKED_AT = 1_000;

    private StaleFolders() {}

    /// Marks a new folder as this process's. The lock ends with the channel or the process.
    static FileChannel mark(Path folder) throws IOException {
        Path unnamed = folder.resolve(LOCK_FILE + ".new");
        FileChannel channel =
                FileChannel.open(unnamed, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() == null) {
                throw new IOException(unnamed + " is locked by another process");
            }
            // Named when it is locked: nobody finds it unlocked while this process lives.
            Files.move(unnamed, folder.resolve(LOCK_FILE), StandardCopyOption.ATOMIC_MOVE);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /// Deletes what dead demos of the same user left beside this one's folder. What cannot be
    /// looked at or deleted stays.
    static void deleteBeside(Path own) {
        try (DirectoryStream<Path> found =
                Files.newDirectoryStream(own.resolveSibling(""), PREFIX + "*")) {
            UserPrincipal user = Files.getOwner(own);
            int looked = 0;
            for (Path folder : found) {
                if (looked++ == MAX_LOOKED_AT) {
                    return;
                }
                if (!isOfThisProcess(folder) && isFolderOf(folder, user)) {
                    deleteIfStale(folder);
                }
            }
        } catch (IOException | RuntimeException e) {
            // What another demo left does not keep this one from starting.
        }
    }

    /// What the name of this process's folders begins with.
    static String ownPrefix() {
        return PREFIX + ProcessHandle.current().pid() + "-";
    }

    /// Told by the name alone: a process that opens and closes a file, if only to read it, gives up
    /// every lock that it has on that file (POSIX fcntl).
    private static boolean isOfThisProcess(Path folder) {
        return String.valueOf(folder.getFileName()).startsWith(ownPrefix());
    }

    private static void deleteIfStale(Path folder) throws IOException {
        Path file = folder.resolve(LOCK_FILE);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                @Nullable FileLock lock = channel.tryLock()) {
            if (lock != null) {
                delete(folder);
            }
        } catch (OverlappingFileLockException e) {
            // Locked by this process, so its demo is alive.
        }
    }

    private static boolean isFolderOf(Path folder, UserPrincipal user) throws IOException {
        return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                && Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(user);
    }

    /// Deletes a demo's folder, the lock file last: if this process is killed meanwhile, the next
    /// demo still recognises what is left.
    static void delete(Path folder) {
        try (DirectoryStream<Path> inside =
                Files.newDirectoryStream(folder, path -> !path.endsWith(LOCK_FILE))) {
            inside.forEach(Folders::delete);
        } catch (IOException | RuntimeException e) {
            // The next line says what is wrong.
        }
        Folders.delete(folder);
    }
}
