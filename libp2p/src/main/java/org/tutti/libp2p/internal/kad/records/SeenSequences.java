package org.tutti.libp2p.internal.kad.records;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.kad.record.SeenSequence;
import org.tutti.libp2p.kad.record.SeenSequenceStorage;
import org.tutti.libp2p.kad.record.SignedRecord;
import org.tutti.libp2p.kad.record.ValidRecord;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// The highest sequence of each key that this reader was shown, as long as a record with a lower
/// one can be valid: replicas cannot show it an older record than it saw.
public final class SeenSequences {
    /// About 12 MiB.
    public static final int MAX_KEYS = SeenSequenceStorage.MAX_KEYS;

    /// No signed record is remembered for longer: its sequence is not later than this skew from
    /// now, and it is remembered for a record's lifetime from then on.
    private static final long LONGEST =
            SignedRecord.MAX_LIFETIME.plus(SignedRecord.MAX_CLOCK_SKEW).toMillis();

    private final int maxKeys;
    private final Map<Bytes, SeenSequence> byKey = new HashMap<>();

    /// Those first that are forgotten first.
    private final TreeSet<SeenSequence> byEnd =
            new TreeSet<>(
                    Comparator.comparingLong(SeenSequence::until).thenComparing(SeenSequence::key));

    public SeenSequences() {
        this(MAX_KEYS);
    }

    SeenSequences(int maxKeys) {
        this.maxKeys = maxKeys;
    }

    /// Whether the reader saw a newer one of this key.
    public boolean isRolledBack(Bytes key, ValidRecord record, long now) {
        forget(now);
        @Nullable SeenSequence seen = byKey.get(key);
        return seen != null
                && record.sequence().isPresent()
                && record.sequence().getAsLong() < seen.sequence();
    }

    /// The reader takes this record.
    public void saw(Bytes key, ValidRecord record, long now) {
        forget(now);
        if (record.sequence().isPresent()) {
            put(
                    new SeenSequence(
                            key,
                            record.sequence().getAsLong(),
                            record.rememberedUntil().toEpochMilli()));
        }
    }

    /// What it saw when it ran last. What a clock said that was far ahead counts no longer: it
    /// would keep out all that its author makes until then.
    public void remember(Collection<SeenSequence> before, long now) {
        before.stream().filter(seen -> seen.until() - now <= LONGEST).forEach(this::put);
        forget(now);
    }

    private void put(SeenSequence seen) {
        @Nullable SeenSequence old = byKey.get(seen.key());
        if (old != null && seen.sequence() < old.sequence()) {
            return;
        }
        if (old != null) {
            remove(old);
        } else if (byKey.size() >= maxKeys) {
            remove(byEnd.first());
        }
        byKey.put(seen.key(), seen);
        byEnd.add(seen);
    }

    public int size() {
        return byKey.size();
    }

    /// Those that count now.
    public List<SeenSequence> all(long now) {
        forget(now);
        return List.copyOf(byEnd);
    }

    private void forget(long now) {
        while (!byEnd.isEmpty() && byEnd.first().until() <= now) {
            remove(byEnd.first());
        }
    }

    private void remove(SeenSequence seen) {
        byKey.remove(seen.key());
        byEnd.remove(seen);
    }
}
