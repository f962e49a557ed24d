package org.tutti.libp2p.internal.kad.records;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.kad.record.ValidRecord;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/// The highest sequence of each key that this reader was shown, as long as a record with a lower
/// one can be valid: replicas cannot show it an older record than it saw.
public final class SeenSequences {
    /// About 12 MiB.
    public static final int MAX_KEYS = 65_536;

    private record Seen(Bytes key, long sequence, long until) {}

    private final int maxKeys;
    private final Map<Bytes, Seen> byKey = new HashMap<>();

    /// Those first that are forgotten first.
    private final TreeSet<Seen> byEnd =
            new TreeSet<>(Comparator.comparingLong(Seen::until).thenComparing(Seen::key));

    public SeenSequences() {
        this(MAX_KEYS);
    }

    SeenSequences(int maxKeys) {
        this.maxKeys = maxKeys;
    }

    /// Whether the reader saw a newer one of this key.
    public boolean isRolledBack(Bytes key, ValidRecord record, long now) {
        forget(now);
        @Nullable Seen seen = byKey.get(key);
        return seen != null
                && record.sequence().isPresent()
                && record.sequence().getAsLong() < seen.sequence;
    }

    /// The reader takes this record.
    public void saw(Bytes key, ValidRecord record, long now) {
        forget(now);
        if (record.sequence().isEmpty() || isRolledBack(key, record, now)) {
            return;
        }
        @Nullable Seen old = byKey.get(key);
        if (old != null) {
            remove(old);
        } else if (byKey.size() >= maxKeys) {
            remove(byEnd.first());
        }
        Seen seen =
                new Seen(
                        key,
                        record.sequence().getAsLong(),
                        record.rememberedUntil().toEpochMilli());
        byKey.put(key, seen);
        byEnd.add(seen);
    }

    public int size() {
        return byKey.size();
    }

    private void forget(long now) {
        while (!byEnd.isEmpty() && byEnd.first().until <= now) {
            remove(byEnd.first());
        }
    }

    private void remove(Seen seen) {
        byKey.remove(seen.key);
        byEnd.remove(seen);
    }
}
