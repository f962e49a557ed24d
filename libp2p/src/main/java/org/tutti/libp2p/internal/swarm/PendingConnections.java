package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.swarm.ResourceLimits;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// Inbound connections whose upgrade has not finished: what a remote can make us hold before it has
/// proven who it is. A pure engine; not safe for threads.
///
/// The table refuses nobody. A newcomer to a full one takes the place of the oldest connection of
/// the host that has most of them, those counted that had to go lately; and the fuller it is, the
/// sooner a connection that does not get on has to go. Else whoever opens connections and stops
/// would keep everybody out, for as long as an upgrade may take.
///
/// Those that have said nothing yet and those that have share a full table by halves: whoever only
/// opens connections pushes out others that do the same, and not those that get on.
///
/// @param <C> the connections
final class PendingConnections<C> {
    /// The names of the limits.
    static final String IN_ALL = "maxPendingConnections";

    static final String PER_HOST = "maxPendingConnectionsPerHost";

    /// A full table waits for this part of the time that an empty one does.
    private static final int SHORTEST = 8;

    /// A connection that had to go.
    ///
    /// @param limit the limit that was reached; empty if its time was over
    record Evicted<C>(C connection, Optional<String> limit) {}

    private final int maxTotal;
    private final int maxPerHost;
    private final long longest;
    private final Predicate<C> isSilent;
    private final HostScores scores = new HostScores();
    private final Part<C> silent = new Part<>(scores);
    private final Part<C> speaking = new Part<>(scores);

    PendingConnections(ResourceLimits limits, Predicate<C> isSilent) {
        this(
                limits.maxPendingConnections(),
                limits.maxPendingConnectionsPerHost(),
                limits.upgradeTimeout().toNanos(),
                isSilent);
    }

    /// @param longest how long an upgrade may take while the table is at most half full, in
    ///   nanoseconds
    /// @param isSilent whether the remote has said nothing yet
    PendingConnections(int maxTotal, int maxPerHost, long longest, Predicate<C> isSilent) {
        this.maxTotal = maxTotal;
        this.maxPerHost = maxPerHost;
        this.longest = longest;
        this.isSilent = isSilent;
    }

    /// Takes one more from this host.
    ///
    /// @param now nanoseconds
    /// @return what has to go: the caller closes it; it is no longer in the table
    List<Evicted<C>> admit(C connection, String host, long now) {
        List<Evicted<C>> evicted = new ArrayList<>(1);
        if (silent.countOf(host) + speaking.countOf(host) >= maxPerHost) {
            Part<C> part = silent.countOf(host) > 0 ? silent : speaking;
            evicted.add(evict(part.oldestOf(host), PER_HOST, now));
        } else if (total() >= maxTotal) {
            evictOne(IN_ALL, now).ifPresent(evicted::add);
        }
        silent.add(connection, host, now, now);
        long patience = patience();
        for (Part<C> part : List.of(silent, speaking)) {
            for (C late : part.olderThan(now, patience)) {
                part.remove(late);
                evicted.add(new Evicted<>(late, Optional.empty()));
            }
        }
        return evicted;
    }

    /// How long an upgrade may take at present: the whole time while the table is at most half
    /// full, then less and less, down to an eighth.
    long patience() {
        long half = maxTotal / 2;
        long over = (long) total() - half;
        if (over <= 0) {
            return longest;
        }
        long shortest = longest / SHORTEST;
        return longest - (longest - shortest) / (maxTotal - half) * over;
    }

    /// The oldest connection of the host that has most, to make room for something else. It is no
    /// longer in the table.
    ///
    /// @param now nanoseconds
    Optional<Evicted<C>> evictOne(String limit, long now) {
        while (silent.size() > maxTotal / 2 || (speaking.size() == 0 && silent.size() > 0)) {
            C candidate = silent.oldestOfMost();
            if (isSilent.test(candidate)) {
                return Optional.of(evict(candidate, limit, now));
            }
            silent.moveTo(speaking, candidate, now);
        }
        return speaking.size() == 0
                ? Optional.empty()
                : Optional.of(evict(speaking.oldestOfMost(), limit, now));
    }

    private Evicted<C> evict(C connection, String limit, long now) {
        Part<C> part = silent.entries.containsKey(connection) ? silent : speaking;
        String host = part.hostOf(connection);
        scores.raise(host, now);
        part.remove(connection);
        part.weigh(host, now);
        return new Evicted<>(connection, Optional.of(limit));
    }

    /// The upgrade of one that was admitted has ended, well or not.
    ///
    /// @return false if it was evicted before
    boolean release(C connection) {
        return silent.remove(connection) || speaking.remove(connection);
    }

    /// All of them.
    List<C> all() {
        List<C> all = new ArrayList<>(speaking.entries.keySet());
        all.addAll(silent.entries.keySet());
        return all;
    }

    int total() {
        return silent.size() + speaking.size();
    }

    private record Entry(String host, long since) {}

    /// Connections by their age and by their host.
    private static final class Part<C> {
        /// In the order in which they came.
        final Map<C, Entry> entries = new LinkedHashMap<>();

        private final Map<String, LinkedHashSet<C>> byHost = new HashMap<>();

        /// Hosts by how many connections they have and how many had to go lately, so that the one
        /// with most is found at once; of equals, the one that has had so many for longest comes
        /// first.
        private final Map<Integer, LinkedHashSet<String>> byWeight = new HashMap<>();

        /// Where in `byWeight` a host is.
        private final Map<String, Integer> weights = new HashMap<>();

        private final HostScores scores;
        private int most;

        Part(HostScores scores) {
            this.scores = scores;
        }

        int size() {
            return entries.size();
        }

        int countOf(String host) {
            LinkedHashSet<C> own = byHost.get(host);
            return own == null ? 0 : own.size();
        }

        C oldestOf(String host) {
            LinkedHashSet<C> own = byHost.get(host);
            if (own == null) {
                throw new IllegalStateException("no connection from " + host);
            }
            return own.getFirst();
        }

        C oldestOfMost() {
            LinkedHashSet<String> hosts = byWeight.get(most);
            if (hosts == null) {
                throw new IllegalStateException("no connection");
            }
            return oldestOf(hosts.getFirst());
        }

        List<C> olderThan(long now, long age) {
            List<C> older = new ArrayList<>(0);
            for (Map.Entry<C, Entry> entry : entries.entrySet()) {
                if (now - entry.getValue().since < age) {
                    break;
                }
                older.add(entry.getKey());
            }
            return older;
        }

        String hostOf(C connection) {
            Entry entry = entries.get(connection);
            if (entry == null) {
                throw new IllegalStateException("not in the table: " + connection);
            }
            return entry.host;
        }

        void add(C connection, String host, long since, long now) {
            entries.put(connection, new Entry(host, since));
            byHost.computeIfAbsent(host, _ -> new LinkedHashSet<>(2)).add(connection);
            weigh(host, now);
        }

        /// A host that has fewer now keeps what it had to let go: until it is weighed again that is
        /// as it was last.
        boolean remove(C connection) {
            Entry entry = entries.remove(connection);
            if (entry == null) {
                return false;
            }
            LinkedHashSet<C> own = byHost.get(entry.host);
            if (own != null) {
                own.remove(connection);
                int before = weights.getOrDefault(entry.host, 1);
                if (own.isEmpty()) {
                    byHost.remove(entry.host);
                }
                place(entry.host, own.isEmpty() ? 0 : before - 1);
            }
            return true;
        }

        void moveTo(Part<C> other, C connection, long now) {
            Entry entry = entries.get(connection);
            if (entry != null && remove(connection)) {
                other.add(connection, entry.host, entry.since, now);
            }
        }

        /// Puts a host where it belongs now.
        void weigh(String host, long now) {
            int count = countOf(host);
            place(host, count == 0 ? 0 : count + scores.of(host, now));
        }

        /// @param weight 0 for a host that has none
        private void place(String host, int weight) {
            Integer before = weights.remove(host);
            if (before != null) {
                Set<String> hosts = byWeight.get(before);
                if (hosts != null) {
                    hosts.remove(host);
                    if (hosts.isEmpty()) {
                        byWeight.remove(before);
                    }
                }
            }
            if (weight > 0) {
                weights.put(host, weight);
                byWeight.computeIfAbsent(weight, _ -> new LinkedHashSet<>(2)).add(host);
                most = Math.max(most, weight);
            }
            while (most > 0 && !byWeight.containsKey(most)) {
                most--;
            }
        }
    }
}
