package org.tutti.libp2p.internal.pubsub;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// The ids of the messages that were seen within a time, and what became of each. Bounded in bytes
/// as they lie in memory: the oldest is forgotten sooner where there are too many.
///
/// It also remembers, if asked to, the highest sequence number of each author among the messages
/// that it has forgotten: one that is not higher was seen before, or comes too late to tell. So no
/// message is taken twice however long one waits to send it again, and messages that overtake each
/// other within the time are all taken. This is for authors whose sequence numbers rise.
public final class SeenCache {
    /// What all entries together may take.
    public static final int MAX_MEMORY = 16 << 20;

    /// The most authors of which a sequence number is remembered; one more forgets the one that was
    /// heard of least recently.
    static final int MAX_AUTHORS = 8192;

    /// What an entry takes beside its id: the entry, its place in the map, the id's object.
    private static final int OVERHEAD = 200;

    /// What a peer takes that is remembered as one that forwarded the message.
    private static final int FORWARDER = 48;

    /// The most peers that are remembered of one message.
    static final int MAX_FORWARDERS = 32;

    /// What is known of a message.
    public enum Status {
        /// Its validators have not said yet.
        PENDING,
        /// It was delivered, or is our own.
        VALID,
        /// Whoever forwards it is penalized.
        INVALID,
        /// Nobody is penalized.
        IGNORED
    }

    /// One message.
    public static final class Entry {
        private final long seenAt;
        private final Bytes author;
        private final Bytes seqno;
        private Status status = Status.PENDING;
        private long decidedAt;
        private final Set<PeerId> forwarders = new HashSet<>(4);

        private Entry(long seenAt, Bytes author, Bytes seqno) {
            this.seenAt = seenAt;
            this.author = author;
            this.seqno = seqno;
        }

        public Status status() {
            return status;
        }

        /// When the status became what it is.
        public long decidedAt() {
            return decidedAt;
        }

        public void decide(Status newStatus, long now) {
            status = newStatus;
            decidedAt = now;
        }

        /// The peers that sent it to us, as far as they are remembered.
        public Set<PeerId> forwarders() {
            return forwarders;
        }
    }

    private final long ttlNanos;
    private final int maxMemory;
    private final boolean rising;
    private final LinkedHashMap<Bytes, Entry> entries = new LinkedHashMap<>();
    private final LinkedHashMap<Bytes, Bytes> highest = new LinkedHashMap<>(16, 0.75f, true);
    private long memory;

    /// @param rising whether sequence numbers of forgotten messages are remembered
    public SeenCache(long ttlNanos, int maxMemory, boolean rising) {
        this.ttlNanos = ttlNanos;
        this.maxMemory = maxMemory;
        this.rising = rising;
    }

    public @Nullable Entry get(Bytes id) {
        return entries.get(id);
    }

    /// Whether a message that is not here was here once, as its sequence number tells.
    public boolean isOld(Bytes author, Bytes seqno) {
        Bytes last = rising ? highest.get(author) : null;
        return last != null && seqno.length() == last.length() && seqno.compareTo(last) <= 0;
    }

    /// Remembers a message that is not here yet.
    public Entry add(Bytes id, Bytes author, Bytes seqno, long now) {
        Entry entry = new Entry(now, rising ? author : Bytes.EMPTY, rising ? seqno : Bytes.EMPTY);
        entries.put(id, entry);
        memory += cost(id, entry);
        Iterator<Map.Entry<Bytes, Entry>> oldest = entries.entrySet().iterator();
        while (memory > maxMemory && entries.size() > 1) {
            forget(oldest);
        }
        return entry;
    }

    /// Remembers that a peer sent it as well.
    ///
    /// @return false if that is known
    public boolean forwardedBy(Entry entry, PeerId peer) {
        if (entry.forwarders.size() >= MAX_FORWARDERS || !entry.forwarders.add(peer)) {
            return false;
        }
        memory += FORWARDER;
        return true;
    }

    private static int cost(Bytes id, Entry entry) {
        return OVERHEAD
                + id.length()
                + entry.seqno.length()
                + entry.author.length()
                + FORWARDER * entry.forwarders.size();
    }

    private void forget(Iterator<Map.Entry<Bytes, Entry>> oldest) {
        Map.Entry<Bytes, Entry> gone = oldest.next();
        Entry entry = gone.getValue();
        memory -= cost(gone.getKey(), entry);
        oldest.remove();
        if (rising && entry.seqno.length() == Long.BYTES) {
            highest.merge(entry.author, entry.seqno, (a, b) -> a.compareTo(b) >= 0 ? a : b);
            if (highest.size() > MAX_AUTHORS) {
                highest.pollFirstEntry();
            }
        }
    }

    /// Forgets what is too old.
    public void expire(long now) {
        Iterator<Map.Entry<Bytes, Entry>> oldest = entries.entrySet().iterator();
        while (!entries.isEmpty() && now - entries.firstEntry().getValue().seenAt >= ttlNanos) {
            forget(oldest);
        }
    }

    public int size() {
        return entries.size();
    }

    /// How many bytes it takes.
    public long memory() {
        return memory;
    }

    /// For tests: the statuses by id.
    Map<Bytes, Status> statuses() {
        Map<Bytes, Status> all = new HashMap<>();
        entries.forEach((id, entry) -> all.put(id, entry.status));
        return all;
    }
}
