package org.tutti.lightclient.sync;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.SerializedBlock;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderEntry;
import org.tutti.lightclient.internal.peers.PeerOutput;
import org.tutti.lightclient.internal.peers.PeerOutput.Send;
import org.tutti.lightclient.sync.WorkQueue.Job;
import org.tutti.lightclient.wire.InventoryItem;
import org.tutti.lightclient.wire.P2pMessage.GetData;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Which blocks are asked of whom, and those that came before their turn. Owned by the engine.
///
/// Blocks wait as they were sent, at most [#MAX_HELD] bytes of them: where more come than fit, the
/// highest are dropped and asked for again, which is held against nobody. What is asked for follows
/// the sizes that blocks had lately.
final class BlockFetcher {
    /// Most blocks asked of one peer at a time.
    static final int MAX_PER_PEER = 16;

    /// Bytes of blocks that wait for their turn, at most, but for one block.
    static final long MAX_HELD = 16L << 20;

    /// What a block is thought to have before any was seen.
    private static final long FIRST_ESTIMATE = 256 << 10;

    private record Kept(HeaderEntry entry, SerializedBlock block) implements Comparable<Kept> {
        @Override
        public int compareTo(Kept other) {
            int order = Integer.compare(entry.height(), other.entry.height());
            return order == 0
                    ? entry.hash().toString().compareTo(other.entry.hash().toString())
                    : order;
        }
    }

    private final WorkQueue queue;
    private final Map<BlockHash, Kept> held = new HashMap<>();
    private final TreeSet<Kept> byHeight = new TreeSet<>();
    private long heldBytes;

    /// How many bytes a block has, as the larger ones of the last had.
    private long estimate = FIRST_ESTIMATE;

    /// The block that was read last: mostly it is the next one.
    private @Nullable Block lastRead;

    BlockFetcher(WorkQueue queue) {
        this.queue = queue;
    }

    boolean has(HeaderEntry entry) {
        return held.containsKey(entry.hash());
    }

    /// Bytes of blocks that wait for their turn.
    long heldBytes() {
        return heldBytes;
    }

    Block take(HeaderEntry entry) {
        Kept kept = held.get(entry.hash());
        if (kept == null) {
            throw new IllegalStateException("block " + entry + " is not here");
        }
        remove(kept);
        Block last = lastRead;
        if (last != null && last.header().equals(entry.header())) {
            lastRead = null;
            return last;
        }
        try {
            return kept.block().decode();
        } catch (DecodeException e) {
            throw new IllegalStateException("it was read before", e);
        }
    }

    private void remove(Kept kept) {
        held.remove(kept.entry().hash());
        byHeight.remove(kept);
        heldBytes -= kept.block().length();
    }

    /// Keeps a checked block until its turn.
    ///
    /// @param block the same, read
    void keep(HeaderEntry entry, SerializedBlock serialized, Block block) {
        Kept kept = new Kept(entry, serialized);
        if (held.putIfAbsent(entry.hash(), kept) == null) {
            byHeight.add(kept);
            heldBytes += serialized.length();
        }
        lastRead = block;
        while (heldBytes > MAX_HELD && byHeight.size() > 1) {
            remove(byHeight.last());
        }
    }

    /// Notes how large a block is that came.
    void sized(int bytes) {
        estimate = Math.max(bytes, estimate - estimate / 8);
    }

    /// Forgets the block that was read last.
    void forgetLastRead() {
        lastRead = null;
    }

    /// Drops the blocks that are not among these: the best chain has changed.
    void retain(Collection<HeaderEntry> wanted) {
        Set<BlockHash> hashes = new HashSet<>();
        wanted.forEach(entry -> hashes.add(entry.hash()));
        for (Kept kept : List.copyOf(byHeight)) {
            if (!hashes.contains(kept.entry().hash())) {
                remove(kept);
            }
        }
    }

    /// Asks for the blocks that are neither here nor on their way, each of the least busy peer that
    /// has it, as far as there is room for them. For the first there always is.
    ///
    /// @param goal a header at or above all of them
    List<PeerOutput> request(
            HeaderEntry goal,
            List<HeaderEntry> wanted,
            Collection<Peer> peers,
            HeaderChain chain,
            Instant now) {
        List<Server> servers =
                peers.stream().flatMap(peer -> server(peer, goal, chain).stream()).toList();
        Map<Peer, List<InventoryItem>> asked = new HashMap<>();
        boolean isFirst = true;
        for (Iterator<HeaderEntry> it = wanted.iterator(); it.hasNext(); isFirst = false) {
            HeaderEntry entry = it.next();
            Job job = new Job.Block(entry.hash());
            if (has(entry) || queue.isAsked(job)) {
                continue;
            }
            if (!isFirst && heldBytes + (queue.size() + 1) * estimate > BlockSync.MAX_BUFFERED) {
                break;
            }
            Peer peer = leastBusy(entry, servers);
            if (peer != null) {
                queue.ask(job, peer, now);
                asked.computeIfAbsent(peer, _ -> new ArrayList<>())
                        .add(new InventoryItem.Block(entry.hash(), true));
            }
        }
        List<PeerOutput> outputs = new ArrayList<>();
        asked.forEach((peer, items) -> outputs.add(new Send(peer.id, new GetData(items))));
        return outputs;
    }

    /// Up to which height a peer has the way to a goal. Found once for the way and not for each
    /// block: side branches are walked header by header.
    private record Server(Peer peer, int height) {}

    private static Optional<Server> server(Peer peer, HeaderEntry goal, HeaderChain chain) {
        return peer.best(chain).map(best -> new Server(peer, chain.common(goal, best).height()));
    }

    private @Nullable Peer leastBusy(HeaderEntry entry, List<Server> servers) {
        @Nullable Peer least = null;
        for (Server server : servers) {
            Peer peer = server.peer();
            if (queue.of(peer) < MAX_PER_PEER
                    && entry.height() <= server.height()
                    && (least == null || queue.of(peer) < queue.of(least))) {
                least = peer;
            }
        }
        return least;
    }
}
