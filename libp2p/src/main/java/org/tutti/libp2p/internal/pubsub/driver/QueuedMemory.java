package org.tutti.libp2p.internal.pubsub.driver;

/// What waits to be written to all peers together, in bytes: each peer has a bound of its own, and
/// a thousand peers that read nothing would add up.
///
/// Safe for all threads.
final class QueuedMemory {
    private final long max;
    private long used;

    QueuedMemory(long max) {
        this.max = max;
    }

    /// @return false if there is no room
    synchronized boolean reserve(long bytes) {
        if (used + bytes > max) {
            return false;
        }
        used += bytes;
        return true;
    }

    synchronized void release(long bytes) {
        used -= bytes;
    }

    synchronized long used() {
        return used;
    }
}
