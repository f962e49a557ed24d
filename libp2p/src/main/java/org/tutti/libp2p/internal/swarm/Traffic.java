package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.swarm.Connection;

import java.util.HashSet;
import java.util.Set;

/// The bytes of all connections: of those that are open each counts its own and is asked, of those
/// that have ended the sum is kept. Safe for all threads; the lock guards everything.
final class Traffic {
    /// @param in bytes received
    /// @param out bytes sent
    record Bytes(long in, long out) {}

    private final Set<Connection> open = new HashSet<>();
    private long endedIn;
    private long endedOut;

    synchronized void opened(Connection connection) {
        open.add(connection);
    }

    /// Nothing happens if it ended before.
    synchronized void ended(Connection connection) {
        if (open.remove(connection)) {
            endedIn += connection.bytesIn();
            endedOut += connection.bytesOut();
        }
    }

    synchronized Bytes total() {
        long in = endedIn;
        long out = endedOut;
        for (Connection connection : open) {
            in += connection.bytesIn();
            out += connection.bytesOut();
        }
        return new Bytes(in, out);
    }
}
