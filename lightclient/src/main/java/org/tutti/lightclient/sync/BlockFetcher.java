package org.tutti.lightclient.sync;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderEntry;
import org.tutti.lightclient.peers.PeerOutput;
import org.tutti.lightclient.peers.PeerOutput.Send;
import org.tutti.lightclient.wire.InventoryItem;
import org.tutti.lightclient.wire.P2pMessage.GetData;

import java.time.Duration;
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

/// Which blocks are asked of whom, and those that came before their turn. Owned by the engine.
final class BlockFetcher {
    /// Most blocks asked of one peer at a time.
    static final int MAX_PER_PEER = 16;

    private record Request(Peer peer, Instant deadline) {}

    private record Kept(Block block, int bytes) {}

    private final Map<BlockHash, Request> inFlight = new HashMap<>();
    private final Map<BlockHash, Kept> buffered = new HashMap<>();
    private long bufferedBytes;

    boolean has(HeaderEntry entry) {
        return buffered.containsKey(entry.hash());
    }

    /// Bytes of blocks that wait for their turn.
    long bufferedBytes() {
        return bufferedBytes;
    }

    Block take(HeaderEntry entry) {
        Kept kept = buffered.remove(entry.hash());
        if (kept == null) {
            throw new IllegalStateException("block " + entry + " is not here");
        }
        bufferedBytes -= kept.bytes();
        return kept.block();
    }

    /// Whether this peer was asked for this block; the question is then settled.
    boolean settle(Peer peer, BlockHash hash) {
        Request request = inFlight.get(hash);
        if (request == null || request.peer() != peer) {
            return false;
        }
        inFlight.remove(hash);
        peer.blocksInFlight--;
        return true;
    }

    /// Keeps a checked block until its turn.
    void keep(BlockHash hash, Block block) {
        Kept kept = new Kept(block, block.serialize().length());
        if (buffered.put(hash, kept) == null) {
            bufferedBytes += kept.bytes();
        }
    }

    /// Drops the blocks that are not among these: the best chain has changed.
    void retain(Collection<HeaderEntry> wanted) {
        Set<BlockHash> hashes = new HashSet<>();
        wanted.forEach(entry -> hashes.add(entry.hash()));
        for (Iterator<Map.Entry<BlockHash, Kept>> it = buffered.entrySet().iterator();
                it.hasNext(); ) {
            Map.Entry<BlockHash, Kept> kept = it.next();
            if (!hashes.contains(kept.getKey())) {
                bufferedBytes -= kept.getValue().bytes();
                it.remove();
            }
        }
    }

    /// Forgets what was asked of a peer that has disconnected.
    void forget(Peer peer) {
        inFlight.values().removeIf(request -> request.peer() == peer);
    }

    /// A peer that did not deliver in time.
    Optional<Peer> stalled(Instant now) {
        return inFlight.values().stream()
                .filter(request -> !now.isBefore(request.deadline()))
                .map(Request::peer)
                .findFirst();
    }

    /// Asks for the blocks that are neither here nor on their way, each of the least busy peer that
    /// has it.
    ///
    /// @param goal a header above all of them
    List<PeerOutput> request(
            HeaderEntry goal,
            List<HeaderEntry> wanted,
            Collection<Peer> peers,
            HeaderChain chain,
            Instant now,
            Duration deadline) {
        List<Server> servers =
                peers.stream().flatMap(peer -> server(peer, goal, chain).stream()).toList();
        Map<Peer, List<InventoryItem>> asked = new HashMap<>();
        for (HeaderEntry entry : wanted) {
            if (buffered.containsKey(entry.hash()) || inFlight.containsKey(entry.hash())) {
                continue;
            }
            Peer peer = leastBusy(entry, servers);
            if (peer != null) {
                peer.blocksInFlight++;
                inFlight.put(entry.hash(), new Request(peer, now.plus(deadline)));
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

    private static @Nullable Peer leastBusy(HeaderEntry entry, List<Server> servers) {
        @Nullable Peer least = null;
        for (Server server : servers) {
            Peer peer = server.peer();
            if (peer.blocksInFlight < MAX_PER_PEER
                    && entry.height() <= server.height()
                    && (least == null || peer.blocksInFlight < least.blocksInFlight)) {
                least = peer;
            }
        }
        return least;
    }
}
