package org.tutti.libp2p.internal.kad;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Whom this node knows, in buckets of k by how many leading bits of their key are ours (kad-dht,
/// Kademlia routing table). Only peers that answered a request are in it. A full bucket keeps whom
/// it has as long as they answer: an old peer is worth more than a new one (Kademlia, section 2.2),
/// and a crowd of newcomers drives out nobody.
///
/// Compact, because a simulation has ten thousand of them: one small object a peer, no empty
/// buckets.
public final class RoutingTable {
    /// The largest bucket.
    static final int MAX_K = 256;

    private final Key self;
    private final int k;
    private final int maxPerGroup;
    private final int maxPerGroupAndBucket;

    /// By length of the common prefix; as long as the deepest bucket that was ever filled.
    private final List<@Nullable Bucket> buckets = new ArrayList<>();

    private final Map<PeerId, Entry> entries = new HashMap<>();

    /// The group of each entry, in no order: all of them are looked at for each newcomer.
    private int[] groups = new int[8];

    /// One known peer.
    static final class Entry {
        private Contact contact;
        private final int group;
        private long answered;
        private int failures;

        /// When it first failed to answer since it last did.
        private long failing;

        private Entry(Contact contact, int group, long now) {
            this.contact = contact;
            this.group = group;
            this.answered = now;
        }

        Contact contact() {
            return contact;
        }

        /// When it last answered a request.
        long answered() {
            return answered;
        }

        /// Whether its last request had no answer.
        boolean isSuspect() {
            return failures > 0;
        }
    }

    /// The peers of one distance, and when somebody was last looked for there.
    private static final class Bucket {
        private final List<Entry> entries = new ArrayList<>(2);

        /// Who gets the next free place.
        private @Nullable Contact waiting;

        private int waitingGroup;
    }

    /// What became of a peer that was to be added.
    enum Added {
        /// It is new in the table.
        YES,
        /// It was there; its addresses are those that were given.
        KNOWN,
        /// Its bucket is full. It waits for the next free place.
        FULL,
        /// As many peers of its IP group are there as may be.
        GROUP_FULL,
        /// It is this node.
        SELF
    }

    /// What a failure led to.
    ///
    /// @param left whether the peer left the table
    /// @param successor who took its place
    record Departure(boolean left, Optional<PeerId> successor) {
        private static final Departure NONE = new Departure(false, Optional.empty());
    }

    RoutingTable(Key self, EngineConfig config) {
        this.self = self;
        this.k = config.k();
        this.maxPerGroup = config.maxPerGroup();
        this.maxPerGroupAndBucket = config.maxPerGroupAndBucket();
    }

    /// A peer that answered a request.
    ///
    /// @param group of the address at which it was reached
    Added add(Contact contact, int group, long now) {
        int prefix = self.commonPrefix(contact.key());
        if (prefix == Key.BITS) {
            return Added.SELF;
        }
        Entry known = entries.get(contact.peer());
        if (known != null) {
            refresh(known, contact, now);
            return Added.KNOWN;
        }
        Bucket bucket = bucket(prefix);
        if (isGroupFull(bucket, group)) {
            return Added.GROUP_FULL;
        }
        if (bucket.entries.size() >= k) {
            bucket.waiting = contact;
            bucket.waitingGroup = group;
            return Added.FULL;
        }
        put(bucket, contact, group, now);
        return Added.YES;
    }

    private static void refresh(Entry known, Contact contact, long now) {
        known.answered = now;
        known.failures = 0;
        if (!contact.addresses().isEmpty()) {
            known.contact = contact;
        }
    }

    private void put(Bucket bucket, Contact contact, int group, long now) {
        Entry entry = new Entry(contact, group, now);
        bucket.entries.add(entry);
        int index = entries.size();
        if (index == groups.length) {
            groups = Arrays.copyOf(groups, 2 * index);
        }
        groups[index] = group;
        entries.put(contact.peer(), entry);
    }

    private @Nullable Entry take(PeerId peer) {
        Entry entry = entries.remove(peer);
        if (entry != null) {
            int last = entries.size();
            int index = 0;
            while (groups[index] != entry.group) {
                index++;
            }
            groups[index] = groups[last];
            bucket(self.commonPrefix(entry.contact.key())).entries.remove(entry);
        }
        return entry;
    }

    private boolean isGroupFull(Bucket bucket, int group) {
        return maxPerGroup != Integer.MAX_VALUE
                && (inBucket(bucket, group) >= maxPerGroupAndBucket
                        || inTable(group) >= maxPerGroup);
    }

    private static int inBucket(Bucket bucket, int group) {
        int count = 0;
        for (Entry entry : bucket.entries) {
            if (entry.group == group) {
                count++;
            }
        }
        return count;
    }

    private int inTable(int group) {
        int count = 0;
        for (int i = 0; i < entries.size(); i++) {
            if (groups[i] == group) {
                count++;
            }
        }
        return count;
    }

    private Bucket bucket(int prefix) {
        while (buckets.size() <= prefix) {
            buckets.add(null);
        }
        Bucket bucket = buckets.get(prefix);
        if (bucket == null) {
            bucket = new Bucket();
            buckets.set(prefix, bucket);
        }
        return bucket;
    }

    /// Whether a peer that is not in the table would be taken, now or for a suspect.
    boolean hasRoomFor(Contact contact, int group) {
        int prefix = self.commonPrefix(contact.key());
        if (prefix == Key.BITS || entries.containsKey(contact.peer())) {
            return false;
        }
        Bucket bucket = prefix < buckets.size() ? buckets.get(prefix) : null;
        if (bucket == null) {
            return maxPerGroup == Integer.MAX_VALUE || inTable(group) < maxPerGroup;
        }
        // In this order: most buckets that a large network asks about are full.
        return (bucket.entries.size() < k || hasSuspect(bucket)) && !isGroupFull(bucket, group);
    }

    private static boolean hasSuspect(Bucket bucket) {
        for (Entry entry : bucket.entries) {
            if (entry.isSuspect()) {
                return true;
            }
        }
        return false;
    }

    /// The peer of a full bucket of which it is most doubtful whether it is still there: a suspect,
    /// or else the one from which nothing was heard for longest.
    Optional<Entry> mostDoubtful(Contact newcomer) {
        int prefix = self.commonPrefix(newcomer.key());
        Bucket bucket = prefix < buckets.size() ? buckets.get(prefix) : null;
        return bucket == null
                ? Optional.empty()
                : bucket.entries.stream()
                        .min(
                                Comparator.comparing((Entry e) -> !e.isSuspect())
                                        .thenComparingLong(Entry::answered));
    }

    /// A peer answered a request.
    void answered(PeerId peer, long now) {
        Entry entry = entries.get(peer);
        if (entry != null) {
            entry.answered = now;
            entry.failures = 0;
        }
    }

    /// A peer did not answer. It leaves at its second failure if anybody has answered in between:
    /// while our own network is down nobody does, and the table should outlast that. Who waits for
    /// a place in its bucket gets it.
    ///
    /// @param lastAnswer when anybody last answered
    Departure failed(PeerId peer, OptionalLong lastAnswer, long now) {
        Entry entry = entries.get(peer);
        if (entry == null) {
            return Departure.NONE;
        }
        if (entry.failures == 0) {
            entry.failing = now;
        }
        entry.failures++;
        boolean othersAnswer = lastAnswer.isPresent() && lastAnswer.getAsLong() - entry.failing > 0;
        if (entry.failures < 2 || !othersAnswer) {
            return Departure.NONE;
        }
        Bucket bucket = bucket(self.commonPrefix(entry.contact.key()));
        var _ = take(peer);
        Contact next = bucket.waiting;
        bucket.waiting = null;
        if (next != null
                && !isGroupFull(bucket, bucket.waitingGroup)
                && !entries.containsKey(next.peer())) {
            put(bucket, next, bucket.waitingGroup, now);
            return new Departure(true, Optional.of(next.peer()));
        }
        return new Departure(true, Optional.empty());
    }

    /// A peer left for a reason of its own: it no longer speaks the protocol, or misbehaved.
    boolean remove(PeerId peer) {
        return take(peer) != null;
    }

    /// The peers nearest to a key, the nearest first. Suspects stand in only where others are
    /// missing.
    List<Contact> closest(Key target, int count) {
        return closest(target, count, null);
    }

    /// @param except who is not among them; nobody if null
    List<Contact> closest(Key target, int count, @Nullable PeerId except) {
        Nearest nearest = new Nearest(target, count, except);
        int prefix = self.commonPrefix(target);
        // Those who share more bits with the target than we do stand in the bucket of this prefix;
        // next come those nearer to us, in any deeper bucket; then those further off, one bucket
        // after the other.
        collect(prefix, nearest);
        if (!nearest.isFull()) {
            for (int deeper = prefix + 1; deeper < buckets.size(); deeper++) {
                collect(deeper, nearest);
            }
        }
        for (int further = Math.min(prefix, buckets.size()) - 1;
                further >= 0 && !nearest.isFull();
                further--) {
            collect(further, nearest);
        }
        return nearest.contacts();
    }

    private void collect(int prefix, Nearest into) {
        Bucket bucket = prefix < buckets.size() ? buckets.get(prefix) : null;
        if (bucket != null) {
            for (Entry entry : bucket.entries) {
                into.offer(entry);
            }
        }
    }

    /// The nearest of those that are offered, in their order. Few are kept of many, and most come
    /// nearest first: what is not nearer than the last costs one comparison.
    private static final class Nearest {
        private final Key target;
        private final @Nullable PeerId except;
        private final Entry[] kept;
        private int size;
        private int suspects;

        Nearest(Key target, int count, @Nullable PeerId except) {
            this.target = target;
            this.except = except;
            this.kept = new Entry[count];
        }

        /// Whether nobody further off is wanted.
        boolean isFull() {
            return size - suspects == kept.length;
        }

        void offer(Entry entry) {
            if (size == kept.length && (size == 0 || !isBefore(entry, kept[size - 1]))) {
                return;
            }
            if (entry.contact.peer().equals(except)) {
                return;
            }
            if (size < kept.length) {
                size++;
            } else if (kept[size - 1].isSuspect()) {
                suspects--;
            }
            int place = size - 1;
            while (place > 0 && isBefore(entry, kept[place - 1])) {
                kept[place] = kept[place - 1];
                place--;
            }
            kept[place] = entry;
            suspects += entry.isSuspect() ? 1 : 0;
        }

        private boolean isBefore(Entry one, Entry other) {
            return one.isSuspect() == other.isSuspect()
                    ? target.compareDistance(one.contact.key(), other.contact.key()) < 0
                    : other.isSuspect();
        }

        List<Contact> contacts() {
            List<Contact> contacts = new ArrayList<>(size);
            for (int i = 0; i < size; i++) {
                contacts.add(kept[i].contact);
            }
            return contacts;
        }
    }

    /// What is known of a peer in the table.
    public Optional<Contact> contact(PeerId peer) {
        return Optional.ofNullable(entries.get(peer)).map(Entry::contact);
    }

    public boolean contains(PeerId peer) {
        return entries.containsKey(peer);
    }

    /// How many peers are in it.
    public int size() {
        return entries.size();
    }

    /// All of them, in no order.
    public List<Contact> contacts() {
        return entries.values().stream().map(Entry::contact).toList();
    }

    /// How many bits the deepest bucket that holds somebody has in common with us, plus one.
    public int depth() {
        for (int prefix = buckets.size(); prefix > 0; prefix--) {
            Bucket bucket = buckets.get(prefix - 1);
            if (bucket != null && !bucket.entries.isEmpty()) {
                return prefix;
            }
        }
        return 0;
    }

    /// Those from whom nothing was heard since a moment, the oldest first.
    List<Contact> silentSince(long moment, int max) {
        return entries.values().stream()
                .filter(e -> e.answered - moment < 0 || e.isSuspect())
                .sorted(Comparator.comparingLong(Entry::answered))
                .limit(max)
                .map(Entry::contact)
                .toList();
    }
}
