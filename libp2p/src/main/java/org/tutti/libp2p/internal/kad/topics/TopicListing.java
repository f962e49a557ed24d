package org.tutti.libp2p.internal.kad.topics;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.kad.record.InvalidRecordException;
import org.tutti.libp2p.kad.record.SignedRecord;
import org.tutti.libp2p.kad.record.SignedRecordValidator;
import org.tutti.libp2p.kad.record.Topic;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// One reading of all entries of a topic, page by page: says which shards to read and which records
/// to fetch, as many at once as its caller likes, and gives the entries that verify.
///
/// Shards of less depth come first, and within a depth in an order of the reader's own: shards that
/// somebody filled with ids made for them lie deep. Authors that few replicas name come after
/// everything else.
public final class TopicListing {
    /// When to stop.
    ///
    /// @param entries how many entries to give
    /// @param shards how many shards to read
    /// @param records how many records to fetch
    public record Bounds(int entries, int shards, int records) {
        public Bounds {
            if (entries < 1 || shards < 1 || records < 1) {
                throw new IllegalArgumentException("a bound below 1");
            }
        }

        /// 1,000 entries, out of at most 1,000 shards and 3,000 records.
        public static final Bounds DEFAULT = new Bounds(1_000, 1_000, 3_000);
    }

    /// How it ended.
    public enum End {
        /// Everything that replicas named was read.
        COMPLETE,
        /// There may be more entries.
        ENTRIES,
        /// There are more shards.
        SHARDS,
        /// There are more authors.
        RECORDS
    }

    private final Topic topic;
    private final Bytes id;
    private final SignedRecordValidator validator;
    private final Bounds bounds;
    private final RandomGenerator random;

    private final TreeMap<Integer, List<Shard>> shards = new TreeMap<>();
    private final Set<Shard> reading = new HashSet<>();
    private final Queue<PeerId> likely = new ArrayDeque<>();
    private final LinkedHashMap<Bytes, PeerId> doubtful = new LinkedHashMap<>();

    /// Of each author that enough replicas named, or whose record was asked for.
    private final Map<Bytes, State> authors = new HashMap<>();

    private int shardsLeft;
    private int recordsLeft;
    private int entriesLeft;
    private int fetching;
    private boolean leftOut;

    private enum State {
        WAITING,
        FETCHING,
        DONE
    }

    /// @param random orders the shards of one depth
    public TopicListing(Topic topic, Bounds bounds, RandomGenerator random) {
        this.topic = topic;
        this.id = topic.id();
        this.validator = new SignedRecordValidator(topic.network(), topic.namespace());
        this.bounds = bounds;
        this.random = random;
        this.shardsLeft = bounds.shards;
        this.recordsLeft = bounds.records;
        this.entriesLeft = bounds.entries;
        shards.put(0, new ArrayList<>(List.of(Shard.root(id))));
    }

    /// Shards to read now: at most `most`, none if it has to wait for others, or is at an end. Each
    /// has to be answered by [#shardRead].
    public List<Shard> nextShards(int most) {
        List<Shard> next = new ArrayList<>();
        while (next.size() < most && shardsLeft > 0 && entriesLeft > 0 && !shards.isEmpty()) {
            List<Shard> least = shards.firstEntry().getValue();
            Shard shard = least.removeLast();
            if (least.isEmpty()) {
                shards.pollFirstEntry();
            }
            shardsLeft--;
            reading.add(shard);
            next.add(shard);
        }
        return next;
    }

    /// What replicas said of a shard that `nextShards` gave; with no answers if it failed.
    ///
    /// @throws IllegalArgumentException if it is not being read
    public void shardRead(ShardReading read) {
        if (!reading.remove(read.shard())) {
            throw new IllegalArgumentException("a shard that is not being read");
        }
        read.likely().forEach(this::addLikely);
        read.doubtful().forEach(this::addDoubtful);
        if (read.isFull() && shards.values().stream().mapToInt(List::size).sum() < bounds.shards) {
            List<Shard> children = new ArrayList<>(read.shard().children());
            if (!children.isEmpty()) {
                List<Shard> of =
                        shards.computeIfAbsent(read.shard().depth() + 1, d -> new ArrayList<>());
                of.addAll(children);
                Collections.shuffle(of, java.util.Random.from(random));
            }
        }
    }

    private void addLikely(PeerId author) {
        doubtful.remove(author.multihash());
        if (authors.containsKey(author.multihash())) {
            return;
        }
        // More could never be fetched.
        if (authors.size() >= 2 * bounds.records) {
            leftOut = true;
            return;
        }
        authors.put(author.multihash(), State.WAITING);
        likely.add(author);
    }

    /// These have a bound of their own: they take no room from those that enough replicas name.
    private void addDoubtful(PeerId author) {
        if (authors.containsKey(author.multihash())) {
            return;
        }
        if (doubtful.size() >= bounds.records) {
            leftOut = true;
            return;
        }
        doubtful.put(author.multihash(), author);
    }

    /// Authors whose records to fetch now, from [Topic#keyOf]: at most `most`. Each has to be
    /// answered by [#recordRead].
    public List<PeerId> nextAuthors(int most) {
        List<PeerId> next = new ArrayList<>();
        while (next.size() < most && recordsLeft > 0 && fetching < entriesLeft) {
            PeerId author = likely.poll();
            if (author == null) {
                if (doubtful.isEmpty() || !isDoneWithShards()) {
                    break;
                }
                author = doubtful.pollFirstEntry().getValue();
            }
            authors.put(author.multihash(), State.FETCHING);
            fetching++;
            recordsLeft--;
            next.add(author);
        }
        return next;
    }

    private boolean isDoneWithShards() {
        return reading.isEmpty() && (shards.isEmpty() || shardsLeft == 0);
    }

    /// The best value that was found under an author's key, if any.
    ///
    /// @return the entry, if the value is one and not a tombstone
    /// @throws IllegalArgumentException if the author's record is not being fetched
    public Optional<SignedRecord> recordRead(PeerId author, Optional<Bytes> value, long now) {
        if (!authors.replace(author.multihash(), State.FETCHING, State.DONE)) {
            throw new IllegalArgumentException("no record of " + author + " is being fetched");
        }
        fetching--;
        if (value.isEmpty()) {
            return Optional.empty();
        }
        try {
            SignedRecord record =
                    validator.open(topic.keyOf(author), value.get(), Instant.ofEpochMilli(now));
            if (record.isTombstone()) {
                return Optional.empty();
            }
            entriesLeft--;
            return Optional.of(record);
        } catch (InvalidRecordException e) {
            return Optional.empty();
        }
    }

    /// How it ended; empty as long as there is something to do or to wait for.
    public Optional<End> end() {
        if (entriesLeft == 0) {
            return Optional.of(End.ENTRIES);
        }
        boolean authorsLeft = !likely.isEmpty() || !doubtful.isEmpty();
        if (fetching > 0 || !isDoneWithShards() || authorsLeft && recordsLeft > 0) {
            return Optional.empty();
        }
        if (authorsLeft || leftOut) {
            return Optional.of(End.RECORDS);
        }
        return Optional.of(shards.isEmpty() ? End.COMPLETE : End.SHARDS);
    }
}
