package org.tutti.libp2p.internal.kad.topics;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;

import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// In which shards an author has to be: all on its way down to the first that is not full, and one
/// below. Whoever reads the topic passes one of them, whichever depth they find.
public final class AuthorPath {
    private final Bytes topic;
    private final PeerId author;
    private final int maxDepth;
    private int depth;
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
        // An author that is not there yet makes the shard full by coming.
        long others = reading.likely().stream().filter(a -> !a.equals(author)).count();
        if (others + 1 < Shard.SPLIT || depth == maxDepth) {
            ended = true;
        } else {
            depth++;
        }
    }

    /// Where to add the author as provider, known so far: the least depth first.
    public Stream<Shard> shards() {
        return IntStream.rangeClosed(0, Math.min(depth + 1, maxDepth))
                .mapToObj(d -> Shard.of(topic, author, d));
    }
}
