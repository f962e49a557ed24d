package org.tutti.libp2p.internal.kad.topics;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.hash.TaggedHash;
import org.tutti.libp2p.multiformats.HashFunction;
import org.tutti.libp2p.multiformats.Multihash;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;

/// The authors of a topic whose places begin with the same bits. A place is a hash of topic and
/// author, so ids that were made to lie beside a victim's in one topic lie elsewhere in others.
///
/// @param topic the topic's id, 32 bytes
/// @param depth 0 to [#MAX_DEPTH]
/// @param prefix the first 2 × depth bits of the places in it, then zeros
public record Shard(Bytes topic, int depth, int prefix) {
    /// To make an id with a place in a certain shard of this depth takes 2^32 tries.
    public static final int MAX_DEPTH = 16;

    /// A shard with so many authors is full, and has children.
    public static final int SPLIT = 16;

    private static final int BITS = 2;

    public Shard {
        topic.requireLength(32, "topic id");
        if (depth < 0 || depth > MAX_DEPTH || (prefix & ~mask(depth)) != 0) {
            throw new IllegalArgumentException("shard of depth " + depth + ", prefix " + prefix);
        }
    }

    /// The shard of all authors.
    public static Shard root(Bytes topic) {
        return new Shard(topic, 0, 0);
    }

    /// The shard of this depth that the author is in.
    public static Shard of(Bytes topic, PeerId author, int depth) {
        return new Shard(topic, depth, place(topic, author) & mask(depth));
    }

    /// Whether the author's place is in it.
    public boolean contains(PeerId author) {
        return (place(topic, author) & mask(depth)) == prefix;
    }

    /// The four shards that it is split into; none at the greatest depth.
    public List<Shard> children() {
        if (depth == MAX_DEPTH) {
            return List.of();
        }
        int shift = Integer.SIZE - BITS * (depth + 1);
        return IntStream.range(0, 1 << BITS)
                .mapToObj(i -> new Shard(topic, depth + 1, prefix | i << shift))
                .toList();
    }

    /// The key of its provider entries: a sha2-256 multihash, which go, rust and js take.
    public Bytes key() {
        Bytes hash =
                new TaggedHash("tutti/dht/shard")
                        .with(topic)
                        .with(depth)
                        .with(Bytes.wrap(ByteBuffer.allocate(4).putInt(prefix).array()))
                        .hash();
        return new Multihash(HashFunction.SHA2_256.code(), hash).toBytes();
    }

    private static int place(Bytes topic, PeerId author) {
        Bytes hash = new TaggedHash("tutti/dht/author").with(topic).with(author.multihash()).hash();
        return ByteBuffer.wrap(hash.toArray()).getInt();
    }

    /// A shift by 32 would be one by 0.
    private static int mask(int depth) {
        return depth == 0 ? 0 : -1 << Integer.SIZE - BITS * depth;
    }
}
