package org.tutti.libp2p.internal.kad.topics;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;

import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What replicas say of who is in a shard. All of it is hearsay: how many say the same decides who
/// is asked for first, and whether the shard counts as full.
public final class ShardReading {
    /// The most replicas that are heard, and the most authors that each of them may name: what an
    /// honest one keeps of a key.
    public static final int MAX_REPLICAS = 64;

    public static final int MAX_NAMED = 64;

    private static final class Named {
        final PeerId author;
        int replicas;

        Named(PeerId author) {
            this.author = author;
        }
    }

    private final Shard shard;
    private final Set<Bytes> heard = new HashSet<>();
    private final Map<Bytes, Named> named = new LinkedHashMap<>();

    /// Replicas that named anybody: others may be new, or only on the way to the shard.
    private int naming;

    public ShardReading(Shard shard) {
        this.shard = shard;
    }

    public Shard shard() {
        return shard;
    }

    /// A replica's answer. Who has no place in the shard, or is named twice, is left out.
    public void answer(PeerId replica, List<PeerId> authors) {
        if (heard.size() >= MAX_REPLICAS || !heard.add(replica.multihash())) {
            return;
        }
        Set<Bytes> counted = new HashSet<>();
        for (PeerId author : authors.subList(0, Math.min(authors.size(), MAX_NAMED))) {
            // To find the place of an author costs a hash: once for all replicas.
            @Nullable Named known = named.get(author.multihash());
            if (known == null && shard.contains(author)) {
                known = new Named(author);
                named.put(author.multihash(), known);
            }
            if (known != null && counted.add(author.multihash())) {
                known.replicas++;
            }
        }
        if (!counted.isEmpty()) {
            naming++;
        }
    }

    /// Named by at least a third of the replicas that named anybody; those first that most name.
    public List<PeerId> likely() {
        return authors(true);
    }

    /// Named by fewer.
    public List<PeerId> doubtful() {
        return authors(false);
    }

    private List<PeerId> authors(boolean likely) {
        return named.values().stream()
                .filter(n -> 3 * n.replicas >= naming == likely)
                .sorted(Comparator.comparingInt((Named n) -> n.replicas).reversed())
                .map(n -> n.author)
                .toList();
    }

    /// Whether it is split.
    public boolean isFull() {
        return likely().size() >= Shard.SPLIT;
    }
}
