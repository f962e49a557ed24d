package org.tutti.app.demo;

import org.jspecify.annotations.Nullable;
import org.tutti.node.files.IoReason;
import org.tutti.node.files.TemporaryFolder;
import org.tutti.node.json.JsonObject;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The demo's temporary folder and its processes: closing ends every process and deletes the
/// folder, also from the shutdown hook that Ctrl-C runs.
///
/// Threads: the demo's own and the shutdown hook; the lock guards `processes` and `closed`, so that
/// no process starts after the end began. Processes are ended outside the lock, by the first thread
/// that closes; the second waits for it, because a hook that returns lets the JVM end.
final class Workspace implements AutoCloseable {
    private static final Duration LAST_LINE_TIMEOUT = Duration.ofSeconds(2);

    private final Path folder;
    private final boolean keep;
    private final JavaCommand java;

    /// Holds the lock that shows that this demo is alive; null for a folder that is to be kept.
    private final @Nullable FileChannel alive;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final List<ManagedProcess> processes = new ArrayList<>();
    private boolean closed;

    private Workspace(Path folder, boolean keep, JavaCommand java, @Nullable FileChannel alive) {
        this.folder = folder;
        this.keep = keep;
        this.java = java;
        this.alive = alive;
    }

    /// Also deletes what demos left behind whose driver was killed.
    ///
    /// @param keep leave the folder when closing
    /// @param lastLine counted down when the demo has printed its last line; Ctrl-C waits for it a
    ///   moment
    /// @param java how to start another process of Tutti
    static Workspace create(boolean keep, CountDownLatch lastLine, JavaCommand java)
            throws DemoFailed {
        try {
            Path folder = freshFolder();
            Workspace workspace =
                    new Workspace(folder, keep, java, keep ? null : StaleFolders.mark(folder));
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(() -> workspace.end(lastLine), "demo-end"));
            StaleFolders.deleteBeside(folder);
            return workspace;
        } catch (IOException e) {
            throw DemoFailed.because(
                    /* environment= */ true,
                    "CANNOT_START",
                    TemporaryFolder.words(TemporaryFolder.ofThisProcess(), IoReason.of(e)));
        }
    }

    /// Short, because the paths of Unix sockets below it are limited to about 100 bytes. A name
    /// that is taken already makes it fail.
    private static Path freshFolder() throws IOException {
        String unique = Long.toString(System.nanoTime() & 0xff_ffff, Character.MAX_RADIX);
        return Files.createDirectory(
                TemporaryFolder.ofThisProcess().resolve(StaleFolders.ownPrefix() + unique),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    Path folder() {
        return folder;
    }

    /// Starts another process of Tutti.
    ManagedProcess start(String name, List<String> args, Consumer<JsonObject> listener)
            throws DemoFailed {
        return startCommand(name, java.line(args), listener);
    }

    /// Starts any process that prints JSON lines.
    ManagedProcess startCommand(String name, List<String> command, Consumer<JsonObject> listener)
            throws DemoFailed {
        synchronized (this) {
            if (closed) {
                throw new DemoFailed("INTERRUPTED", "interrupted");
            }
            ManagedProcess process = ManagedProcess.start(name, command, folder, listener);
            processes.add(process);
            return process;
        }
    }

    /// Whether the end has begun.
    synchronized boolean isClosing() {
        return closed;
    }

    /// Ends this process now.
    void end(ManagedProcess process) {
        synchronized (this) {
            processes.remove(process);
        }
        process.close();
    }

    @Override
    public void close() {
        if (!begin()) {
            awaitEnded();
            return;
        }
        try {
            List<ManagedProcess> all;
            synchronized (this) {
                all = List.copyOf(processes);
            }
            all.forEach(ManagedProcess::stop);
            all.forEach(ManagedProcess::close);
            if (!keep) {
                StaleFolders.delete(folder);
            }
        } finally {
            release();
            ended.countDown();
        }
    }

    /// Once everything has ended, the demo's own thread can print the result: until then it waited
    /// for the processes.
    private void end(CountDownLatch lastLine) {
        close();
        try {
            // Printed or not, the process ends now.
            var _ = lastLine.await(LAST_LINE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean begin() {
        boolean first = !closed;
        closed = true;
        return first;
    }

    private void awaitEnded() {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void release() {
        try {
            if (alive != null) {
                alive.close();
            }
        } catch (IOException e) {
            // The lock ends with the process at the latest.
        }
    }
}
