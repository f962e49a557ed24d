package org.tutti.libp2p.internal.identify;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Whom to tell when what we say about ourselves has changed, by identify/push. A pure engine; not
/// safe for threads.
///
/// Changes within `QUIET_NANOS` of the first travel together, as in js, which waits a second; so
/// nobody is pushed to more often than that. A connection is told of the newest state once, or not
/// at all if an identify answer carried it already.
///
/// @param <C> the connections
final class PushPlan<C> {
    /// How long a change waits for others: 250 ms.
    static final long QUIET_NANOS = 250_000_000;

    /// Pushes at once, so that many connections do not cost as many threads. A push to a peer that
    /// reads does not wait; one that does not read takes a place until its deadline. go and js have
    /// 32.
    static final int MAX_AT_ONCE = 128;

    private static final class State {
        /// The newest version that the peer was, or will be, told; or that was current when it
        /// connected, since it asks after that.
        long told;

        boolean takesPushes;

        State(long told) {
            this.told = told;
        }
    }

    private final Map<C, State> connections = new HashMap<>();
    private final Set<C> queue = new LinkedHashSet<>();
    private long version;
    private boolean scheduled;
    private int running;

    /// The number of what is current now: read it before what is said is put together.
    long version() {
        return version;
    }

    /// A connection can carry streams.
    void opened(C connection) {
        connections.put(connection, new State(version));
    }

    void ended(C connection) {
        connections.remove(connection);
        queue.remove(connection);
    }

    /// An identify answer, or a push, of this version goes to the peer.
    void told(C connection, long toldVersion) {
        State state = connections.get(connection);
        if (state != null) {
            state.told = Math.max(state.told, toldVersion);
        }
    }

    /// What we say has changed.
    ///
    /// @return whether `due` has to be called, `QUIET_NANOS` from now; else it will be already
    boolean changed() {
        version++;
        return !connections.isEmpty() && schedule();
    }

    private boolean schedule() {
        boolean first = !scheduled;
        scheduled = true;
        return first;
    }

    /// It is known whether the peer takes pushes, which it may be only after a change.
    ///
    /// @return as `changed` does
    boolean supports(C connection, boolean takesPushes) {
        State state = connections.get(connection);
        if (state == null) {
            return false;
        }
        state.takesPushes = takesPushes;
        return takesPushes && state.told < version && schedule();
    }

    /// The time of a change has come.
    ///
    /// @return how many threads to start: each calls `next` until there is nothing
    int due() {
        scheduled = false;
        connections.forEach((connection, state) -> {
            if (state.takesPushes && state.told < version) {
                queue.add(connection);
            }
        });
        int more = Math.min(queue.size(), MAX_AT_ONCE - running);
        running += more;
        return more;
    }

    /// The next connection to push to; a thread that is told none ends.
    Optional<C> next() {
        @Nullable C connection = null;
        for (C first : queue) {
            connection = first;
            break;
        }
        if (connection == null) {
            running--;
            return Optional.empty();
        }
        queue.remove(connection);
        return Optional.of(connection);
    }
}
