package org.tutti.libp2p.internal.kad.records;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/// When what this node published itself has to be published again: values before they expire,
/// provider entries before replicas forget them (both live 48 hours).
///
/// Up to a tenth of the interval earlier, at random, so that what was published together does not
/// stay together, and a restart of many nodes is no flood every 22 hours.
public final class RepublishPlan {
    /// go-libp2p-kad-dht's `DefaultReprovideInterval` and rust's publication interval are about
    /// this: two may fail within 48 hours.
    public static final Duration INTERVAL = Duration.ofHours(22);

    /// How long after one that failed the next is tried.
    public static final Duration RETRY = Duration.ofMinutes(10);

    /// The most that one node publishes.
    public static final int MAX_KEYS = 65_536;

    private record Due(Bytes key, long at) {}

    private final long interval;
    private final RandomGenerator random;
    private final Map<Bytes, Due> dues = new HashMap<>();
    private final TreeSet<Due> byTime =
            new TreeSet<>(Comparator.comparingLong(Due::at).thenComparing(Due::key));

    public RepublishPlan(Duration interval, RandomGenerator random) {
        if (interval.toMillis() < 1) {
            throw new IllegalArgumentException("every " + interval);
        }
        this.interval = interval.toMillis();
        this.random = random;
    }

    /// The key was published just now.
    ///
    /// @throws IllegalStateException if there are too many
    public void published(Bytes key, long now) {
        schedule(key, now + interval - random.nextLong(interval / 10 + 1));
    }

    /// Publishing the key failed.
    public void failed(Bytes key, long now) {
        schedule(key, now + RETRY.toMillis());
    }

    /// It is not published any more.
    public void remove(Bytes key) {
        @Nullable Due due = dues.remove(key);
        if (due != null) {
            byTime.remove(due);
        }
    }

    /// What to publish now, the longest overdue first. Each is due again after [#RETRY] unless
    /// `published` is told meanwhile.
    public List<Bytes> due(long now, int most) {
        List<Bytes> keys = new ArrayList<>();
        while (keys.size() < most && !byTime.isEmpty() && byTime.first().at <= now) {
            Bytes key = byTime.first().key;
            keys.add(key);
            failed(key, now);
        }
        return keys;
    }

    public int size() {
        return dues.size();
    }

    private void schedule(Bytes key, long at) {
        if (!dues.containsKey(key) && dues.size() >= MAX_KEYS) {
            throw new IllegalStateException("more than " + MAX_KEYS + " published keys");
        }
        remove(key);
        Due due = new Due(key, at);
        dues.put(key, due);
        byTime.add(due);
    }
}
