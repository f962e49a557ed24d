package org.tutti.libp2p.muxer.yamux;

import org.tutti.libp2p.io.MemoryScope;
import org.tutti.libp2p.io.MemoryScope.Priority;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/// What the streams of one connection have of its [MemoryScope]: bytes that wait to be read, as
/// they lie in memory, and windows as far as they are larger than all streams begin with. What was
/// granted is the remote's to fill, so a stream counts the larger of the two.
///
/// Its owner keeps it under a lock; only `spare` comes from any thread.
final class ReceiveMemory {
    /// What a connection has for nothing: most carry a small message at a time, and need not ask.
    static final long FREE = 4096;

    private static final class Part {
        /// By how much the window has grown.
        long grown;

        /// Bytes that wait.
        long held;

        long charge() {
            return Math.max(grown, held);
        }

        long spare() {
            return charge() - held;
        }
    }

    private final MemoryScope scope;
    private final Map<Integer, Part> parts = new HashMap<>();
    private long charged;
    private long held;

    private long spare;

    /// The same. Volatile: written under the owner's lock, read by whoever needs memory.
    private volatile long shownSpare;

    ReceiveMemory(MemoryScope scope) {
        this.scope = scope;
    }

    /// Lets a window grow.
    ///
    /// @return false if there is no memory for it
    boolean grow(int streamId, long more) {
        Part part = parts.computeIfAbsent(streamId, _ -> new Part());
        long before = part.charge();
        long spareBefore = part.spare();
        part.grown += more;
        if (!reserve(part.charge() - before, Priority.OPTIONAL)) {
            part.grown -= more;
            forgetIfEmpty(streamId, part);
            return false;
        }
        spareChanged(part.spare() - spareBefore);
        return true;
    }

    /// A stream is about to hold more.
    ///
    /// @param bytes in all
    /// @return false if there is no memory for it: it holds what it held before
    boolean hold(int streamId, long bytes) {
        Part part = parts.computeIfAbsent(streamId, _ -> new Part());
        long before = part.charge();
        long spareBefore = part.spare();
        long heldBefore = part.held;
        part.held = bytes;
        if (!reserve(part.charge() - before, Priority.NEEDED)) {
            part.held = heldBefore;
            forgetIfEmpty(streamId, part);
            return false;
        }
        held += bytes - heldBefore;
        spareChanged(part.spare() - spareBefore);
        return true;
    }

    /// A stream holds less than before.
    ///
    /// @param bytes in all
    void holdLess(int streamId, long bytes) {
        Part part = parts.get(streamId);
        if (part == null || part.held == bytes) {
            return;
        }
        long before = part.charge();
        long spareBefore = part.spare();
        held += bytes - part.held;
        part.held = bytes;
        release(before - part.charge());
        spareChanged(part.spare() - spareBefore);
        forgetIfEmpty(streamId, part);
    }

    /// The remote sends no more on this stream; what waits stays.
    void windowClosed(int streamId) {
        Part part = parts.get(streamId);
        if (part == null || part.grown == 0) {
            return;
        }
        long before = part.charge();
        long spareBefore = part.spare();
        part.grown = 0;
        release(before - part.charge());
        spareChanged(part.spare() - spareBefore);
        forgetIfEmpty(streamId, part);
    }

    /// The connection has ended.
    void allWindowsClosed() {
        for (int streamId : parts.keySet().stream().mapToInt(id -> id).toArray()) {
            windowClosed(streamId);
        }
    }

    /// The stream that holds most, if any holds something.
    OptionalInt fullest() {
        OptionalInt fullest = OptionalInt.empty();
        long most = 0;
        for (Map.Entry<Integer, Part> entry : parts.entrySet()) {
            if (entry.getValue().held > most) {
                most = entry.getValue().held;
                fullest = OptionalInt.of(entry.getKey());
            }
        }
        return fullest;
    }

    /// Bytes that wait in all streams.
    long held() {
        return held;
    }

    /// Room in windows that is reserved and not used. From any thread.
    long spare() {
        return shownSpare;
    }

    private void spareChanged(long by) {
        if (by != 0) {
            spare += by;
            shownSpare = spare;
        }
    }

    private void forgetIfEmpty(int streamId, Part part) {
        if (part.grown == 0 && part.held == 0) {
            parts.remove(streamId);
        }
    }

    private boolean reserve(long bytes, Priority priority) {
        long more = Math.max(0, charged + bytes - FREE) - Math.max(0, charged - FREE);
        if (more > 0 && !scope.reserve(more, priority)) {
            return false;
        }
        charged += bytes;
        return true;
    }

    private void release(long bytes) {
        long less = Math.max(0, charged - FREE) - Math.max(0, charged - bytes - FREE);
        charged -= bytes;
        if (less > 0) {
            scope.release(less);
        }
    }
}
