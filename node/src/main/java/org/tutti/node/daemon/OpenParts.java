package org.tutti.node.daemon;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;

/// What is open in a node. Closed in the opposite order, because each part needs those before it.
///
/// Threads: any; the lock guards `open`, parts are closed outside it.
final class OpenParts implements AutoCloseable {
    /// The last opened first.
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /// Remembers what to close.
    <T extends AutoCloseable> T add(T part) {
        synchronized (open) {
            open.push(part);
        }
        return part;
    }

    /// Closes everything. A part that fails to close does not keep the others open.
    @Override
    public void close() {
        closeAll();
    }

    /// Closes everything.
    ///
    /// @return false if nothing was open
    boolean closeAll() {
        boolean any = false;
        for (AutoCloseable part = next(); part != null; part = next()) {
            any = true;
            try {
                part.close();
            } catch (Exception e) {
                // The rest is closed nevertheless; the process ends with it.
            }
        }
        return any;
    }

    private @Nullable AutoCloseable next() {
        synchronized (open) {
            return open.poll();
        }
    }
}
