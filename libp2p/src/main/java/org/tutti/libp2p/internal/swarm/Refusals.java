package org.tutti.libp2p.internal.swarm;

import org.tutti.base.TokenBucket;
import org.tutti.libp2p.metrics.Metrics;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/// Counts what was refused, by reason, and says it in the log, a few times a second at most: a peer
/// decides how often it is refused. Safe for all threads; the lock guards `lines`.
final class Refusals {
    private static final System.Logger LOG = System.getLogger(Refusals.class.getName());

    private static final int LINES_AT_ONCE = 20;
    private static final int LINES_PER_SECOND = 2;

    private final ConcurrentMap<String, LongAdder> byReason = new ConcurrentHashMap<>();
    private final TokenBucket lines;
    private final Metrics metrics;

    /// @param now nanoseconds
    Refusals(Metrics metrics, long now) {
        this.metrics = metrics;
        this.lines = new TokenBucket(LINES_AT_ONCE, LINES_PER_SECOND, now);
    }

    /// @param reason one of a few names: a code, or a limit
    /// @param what for the log
    void add(String reason, String what, long now) {
        byReason.computeIfAbsent(reason, _ -> new LongAdder()).increment();
        metrics.refused(reason);
        boolean say;
        synchronized (this) {
            say = lines.take(now);
        }
        if (say) {
            LOG.log(System.Logger.Level.INFO, "refused {0}: {1}", what, reason);
        }
    }

    /// How many of each reason, in alphabetical order.
    Map<String, Long> counts() {
        Map<String, Long> counts = new TreeMap<>();
        byReason.forEach((reason, count) -> counts.put(reason, count.sum()));
        return counts;
    }
}
