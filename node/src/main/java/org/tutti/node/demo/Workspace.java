package org.tutti.node.demo;

import org.tutti.node.json.JsonObject;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The demo's temporary folder and its processes: closing ends every process and deletes the
/// folder, also from the shutdown hook that Ctrl-C runs.
///
/// Threads: the demo's own and the shutdown hook; the lock guards `children` and `closed`, so that
/// no process starts after the end began. Processes are ended outside the lock.
final class Workspace implements AutoCloseable {
    private final Path folder;
    private final boolean keep;
    private final List<Child> children = new ArrayList<>();
    private boolean closed;

    private Workspace(Path folder, boolean keep) {
        this.folder = folder;
        this.keep = keep;
    }

    /// @param keep leave the folder when closing
    static Workspace create(boolean keep) throws DemoFailed {
        try {
            // Short, because the paths of Unix sockets below it are limited to about 100 bytes.
            Path folder =
                    Files.createTempDirectory(
                            "tutti-demo-",
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rwx------")));
            Workspace workspace = new Workspace(folder, keep);
            Runtime.getRuntime().addShutdownHook(new Thread(workspace::close, "demo-end"));
            return workspace;
        } catch (IOException e) {
            throw new DemoFailed("CANNOT_START", "no temporary folder: " + e.getMessage());
        }
    }

    Path folder() {
        return folder;
    }

    Child start(String name, List<String> args, Consumer<JsonObject> listener) throws DemoFailed {
        synchronized (this) {
            if (closed) {
                throw new DemoFailed("INTERRUPTED", "interrupted");
            }
            Child child = Child.start(name, JavaCommand.of(args), folder, listener);
            children.add(child);
            return child;
        }
    }

    /// Whether the end has begun.
    synchronized boolean isClosing() {
        return closed;
    }

    /// Ends this process now.
    void end(Child child) {
        synchronized (this) {
            children.remove(child);
        }
        child.close();
    }

    @Override
    public void close() {
        List<Child> all;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            all = List.copyOf(children);
        }
        all.forEach(Child::stop);
        all.forEach(Child::close);
        if (!keep) {
            Folders.delete(folder);
        }
    }
}
