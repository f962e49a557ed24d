package org.tutti.libp2p.internal.swarm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which of several connections to one peer are no longer needed: those that new streams do not
/// take and that have carried no stream for a while. A pure engine, looked at from time to time;
/// not safe for threads.
///
/// Two peers that dialled one another at the same moment choose the same connection for new streams
/// ([ConnectionTable]), so the other one falls idle on both sides.
///
/// @param <C> the connections
final class RedundantConnections<C> {
    /// A connection as it is now.
    ///
    /// @param streams open now
    /// @param opened streams since the beginning: one that came and went between two looks shows
    record Seen<C>(C connection, int streams, long opened) {}

    private record Idle(long opened, long since) {}

    private final Map<C, Idle> idle = new HashMap<>();

    /// @param open all connections to one peer
    /// @param preferred the one that new streams take
    /// @param idleNanos how long without a stream is long enough
    /// @return what is to be closed
    List<C> look(List<Seen<C>> open, Optional<C> preferred, long idleNanos, long now) {
        List<C> retired = new ArrayList<>();
        for (Seen<C> seen : open) {
            Idle known = idle.get(seen.connection);
            boolean needed = preferred.filter(seen.connection::equals).isPresent();
            if (needed || preferred.isEmpty() || seen.streams > 0) {
                idle.remove(seen.connection);
            } else if (known == null || known.opened != seen.opened) {
                idle.put(seen.connection, new Idle(seen.opened, now));
            } else if (now - known.since >= idleNanos) {
                retired.add(seen.connection);
            }
        }
        return retired;
    }

    /// The connection has ended.
    void remove(C connection) {
        idle.remove(connection);
    }

    /// How many connections are being watched.
    int size() {
        return idle.size();
    }
}
