package org.tutti.libp2p.internal.kad.topics;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// In which shards an author has to be: all on its way down to the first that is not full, and one
/// below. Whoever reads the topic passes one of them, whichever depth they find.
///
/// The shard below the first is always read, and so is one below a shard that hides authors:
/// whoever keeps one shard does not decide how far an author goes.
public final class AuthorPath {
    private final Bytes topic;
    private final PeerId author;
    private final int maxDepth;

    /// The likely authors of the last shard that was full.
    private List<PeerId> above = List.of();

    private int depth;

    /// The first shard below the last one that is full.
    private int notFull;

    private boolean ended;

    /// @param topic the topic's id
    public AuthorPath(Bytes topic, PeerId author) {
        this(topic, author, Shard.MAX_DEPTH);
    }

    AuthorPath(Bytes topic, PeerId author, int maxDepth) {
        this.topic = topic;
        this.author = author;
        this.maxDepth = maxDepth;
    }

    /// The shard to read next; empty once it is known where the author has to be.
    public Optional<Shard> next() {
        return ended ? Optional.empty() : Optional.of(Shard.of(topic, author, depth));
    }

    /// What replicas said of the shard that `next` gave.
    ///
    /// @throws IllegalArgumentException if it is another shard
    public void read(ShardReading reading) {
        if (!next().equals(Optional.of(reading.shard()))) {
            throw new IllegalArgumentException("not the shard to read next");
        }
        boolean full = isFull(reading);
        boolean split = full || reading.hides(above);
        if (split) {
            notFull = depth + 1;
        }
        if (full) {
            above = reading.likely();
        }
        if (depth == maxDepth || (depth > 0 && !split)) {
            ended = true;
        } else {
            depth++;
        }
    }

    /// An author that is not there yet makes the shard full by coming.
    private boolean isFull(ShardReading reading) {
        long others = reading.likely().stream().filter(a -> !a.equals(author)).count();
        return others + 1 >= Shard.SPLIT;
    }

    /// Where to add the author as provider, known so far: the least depth first.
    public Stream<Shard> shards() {
        return IntStream.rangeClosed(0, Math.min(notFull + 1, maxDepth))
                .mapToObj(d -> Shard.of(topic, author, d));
    }
}
