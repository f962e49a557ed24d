package org.tutti.libp2p.internal.kad.records;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.kad.record.InvalidRecordException;
import org.tutti.libp2p.kad.record.RecordValidators;
import org.tutti.libp2p.kad.record.ValidRecord;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// The values that a node holds for others: each valid when it came, and the best that came for its
/// key (libp2p/specs kad-dht/README.md, "Putting values" and "Entry validation").
///
/// A value is served until it expires, and remembered as long as its validator says, so that what
/// it replaced is not taken again in its place.
public final class ValueStore {
    /// Defaults: 64 MiB in all, an eighth of it for a prefix, a 64th for a peer.
    public static final Limits DEFAULT_LIMITS =
            new Limits(
                    new Bound(65_536, 64 << 20),
                    new Bound(8_192, 8 << 20),
                    new Bound(1_024, 1 << 20));

    /// The longest value of any namespace, in bytes: what rust's messages of 16 KiB can carry.
    public static final int MAX_VALUE = 12 << 10;

    /// kad-dht of rust-libp2p and the Kademlia paper, section 2.5: a replica puts each value again
    /// every hour, unless somebody put it there in the meantime.
    public static final Duration REPLICATION_INTERVAL = Duration.ofHours(1);

    /// What an entry takes in memory beside key and value: its objects, and its places in the maps.
    static final int OVERHEAD = 512;

    /// How much the store may hold.
    public record Limits(Bound total, Bound perPrefix, Bound perPeer) {}

    /// What became of a value.
    public sealed interface Put {
        /// It is in the store, or is there already; it counts as put just now.
        record Stored() implements Put {}

        /// It does not belong under its key.
        record Invalid(InvalidRecordException why) implements Put {}

        /// The store knows a better one, which whoever sent it may want to have: empty if that has
        /// expired.
        record Stale(Optional<Bytes> better) implements Put {}

        /// There is no room for it.
        record Full() implements Put {}
    }

    private static final class Entry {
        final Bytes key;
        final Bytes value;
        final long expires;
        final long rememberedUntil;
        Source source;
        long replicateAt;

        Entry(Bytes key, Bytes value, ValidRecord valid, Source source, long replicateAt) {
            this.key = key;
            this.value = value;
            this.expires = valid.expires().toEpochMilli();
            this.rememberedUntil = valid.rememberedUntil().toEpochMilli();
            this.source = source;
            this.replicateAt = replicateAt;
        }

        long size() {
            return (long) key.length() + value.length() + OVERHEAD;
        }
    }

    private final RecordValidators validators;
    private final Map<Bytes, Entry> entries = new HashMap<>();
    private final FairShares<Bytes> shares;
    private final TreeSet<Entry> byEnd = ordered(Comparator.comparingLong(e -> e.rememberedUntil));
    private final TreeSet<Entry> byReplication =
            ordered(Comparator.comparingLong(e -> e.replicateAt));

    private static TreeSet<Entry> ordered(Comparator<Entry> order) {
        return new TreeSet<>(order.thenComparing(e -> e.key));
    }

    public ValueStore(RecordValidators validators, Limits limits) {
        this.validators = validators;
        this.shares = new FairShares<>(limits.total, limits.perPrefix, limits.perPeer);
    }

    /// PUT_VALUE. "The target node validates `record`, and if it is valid, it stores it".
    public Put put(Bytes key, Bytes value, Source source, long now) {
        forget(now);
        if (value.length() > MAX_VALUE) {
            return new Put.Invalid(
                    new InvalidRecordException(
                            InvalidRecordException.Code.TOO_LARGE,
                            "value of " + value.length() + " bytes, at most " + MAX_VALUE));
        }
        ValidRecord valid;
        @Nullable Entry old = entries.get(key);
        try {
            valid = validators.validate(key, value, Instant.ofEpochMilli(now));
            if (old != null && !old.value.equals(value)) {
                // The same choice for whichever came first.
                if (validators.select(key, List.of(old.value, value)) == 0) {
                    return new Put.Stale(
                            old.expires > now ? Optional.of(old.value) : Optional.empty());
                }
            }
        } catch (InvalidRecordException e) {
            return new Put.Invalid(e);
        }
        boolean renewed = old != null && old.value.equals(value);
        // A stranger who passes on what another put first must not take it into his own share,
        // where he could have it evicted; its author may.
        Source owner =
                renewed && !valid.author().equals(Optional.of(source.peer())) ? old.source : source;
        if (old != null) {
            remove(old);
        }
        Entry entry = new Entry(key, value, valid, owner, now + REPLICATION_INTERVAL.toMillis());
        add(entry);
        for (Bytes gone : shares.put(key, owner, entry.size())) {
            @Nullable Entry evicted = entries.get(gone);
            if (evicted != null) {
                remove(evicted);
            }
        }
        return entries.containsKey(key) ? new Put.Stored() : new Put.Full();
    }

    /// GET_VALUE: the value to serve.
    public Optional<Bytes> get(Bytes key, long now) {
        forget(now);
        @Nullable Entry entry = entries.get(key);
        return entry != null && entry.expires > now ? Optional.of(entry.value) : Optional.empty();
    }

    /// The keys whose values nobody put for an hour, those waiting longest first; they are due
    /// again an hour later.
    ///
    /// @param most how many at once
    public List<Bytes> dueForReplication(long now, int most) {
        forget(now);
        List<Bytes> due = new ArrayList<>();
        while (due.size() < most
                && !byReplication.isEmpty()
                && byReplication.first().replicateAt <= now) {
            Entry entry = byReplication.pollFirst();
            entry.replicateAt = now + REPLICATION_INTERVAL.toMillis();
            byReplication.add(entry);
            if (entry.expires > now) {
                due.add(entry.key);
            }
        }
        return due;
    }

    /// How many entries there are, those that are only remembered included.
    public int size() {
        return entries.size();
    }

    /// As they lie in memory, about.
    public long bytes() {
        return shares.bytes();
    }

    /// Drops what need not be remembered any more; every other method does, too.
    public void forget(long now) {
        while (!byEnd.isEmpty() && byEnd.first().rememberedUntil <= now) {
            remove(byEnd.first());
        }
    }

    private void add(Entry entry) {
        entries.put(entry.key, entry);
        byEnd.add(entry);
        byReplication.add(entry);
    }

    private void remove(Entry entry) {
        entries.remove(entry.key);
        byEnd.remove(entry);
        byReplication.remove(entry);
        shares.remove(entry.key);
    }
}
