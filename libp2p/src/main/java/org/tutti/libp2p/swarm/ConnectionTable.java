package org.tutti.libp2p.swarm;

import org.tutti.libp2p.peer.PeerId;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Who is connected, within the bounds on connections, and which of several connections to one peer
/// new streams take. A pure engine; not safe for threads.
///
/// Two peers that dial one another at the same moment end with two connections. None is closed,
/// since the remote may be using it already; instead both sides choose by the same rule where new
/// streams go: of connections opened within `SIMULTANEOUS_NANOS`, one that was dialled by the peer
/// with the smaller id; otherwise the newest, because whoever dials again has lost the older one.
///
/// @param <C> the connections
final class ConnectionTable<C> {
    /// Two connections opened within this time count as dialled at once: 5 s, well above any round
    /// trip and well below the time in which a dead connection is noticed.
    static final long SIMULTANEOUS_NANOS = 5_000_000_000L;

    /// The limit that is named when a peer has too many connections.
    static final String PER_PEER = "maxConnectionsPerPeer";

    private record Open<C>(C connection, boolean outbound, long openedAt) {}

    private final PeerId self;
    private final int maxTotal;
    private final int maxPerPeer;
    private final Map<PeerId, List<Open<C>>> byPeer = new HashMap<>();
    private int total;

    ConnectionTable(PeerId self, int maxTotal, int maxPerPeer) {
        this.self = self;
        this.maxTotal = maxTotal;
        this.maxPerPeer = maxPerPeer;
    }

    /// Adds an open connection.
    ///
    /// @param now nanoseconds
    /// @return how many connections to this peer there are now
    /// @throws LimitExceededException if it is one too many; it is not added then
    int add(PeerId peer, C connection, boolean outbound, long now) throws LimitExceededException {
        if (total >= maxTotal) {
            throw new LimitExceededException("maxConnections", maxTotal);
        }
        List<Open<C>> open = byPeer.getOrDefault(peer, List.of());
        if (open.size() >= maxPerPeer) {
            throw new LimitExceededException(PER_PEER, maxPerPeer);
        }
        byPeer.computeIfAbsent(peer, _ -> new ArrayList<>(1))
                .add(new Open<>(connection, outbound, now));
        total++;
        return open.size() + (open.isEmpty() ? 1 : 0);
    }

    /// Takes a connection out; nothing happens if it is not there.
    ///
    /// @return how many connections to this peer remain
    int remove(PeerId peer, C connection) {
        List<Open<C>> open = byPeer.get(peer);
        if (open == null) {
            return 0;
        }
        if (open.removeIf(o -> o.connection.equals(connection))) {
            total--;
        }
        if (open.isEmpty()) {
            byPeer.remove(peer);
        }
        return open.size();
    }

    /// The connection that new streams to this peer take.
    Optional<C> preferred(PeerId peer) {
        return preferred(peer, _ -> true);
    }

    /// The same among those that are `usable`: one that was closed stays in the table until its
    /// thread has ended.
    Optional<C> preferred(PeerId peer, Predicate<C> usable) {
        List<Open<C>> open =
                byPeer.getOrDefault(peer, List.of()).stream()
                        .filter(o -> usable.test(o.connection))
                        .toList();
        if (open.isEmpty()) {
            return Optional.empty();
        }
        Open<C> best = open.getFirst();
        for (Open<C> other : open.subList(1, open.size())) {
            boolean simultaneous = other.openedAt - best.openedAt < SIMULTANEOUS_NANOS;
            if (!simultaneous || !dialledBySmaller(peer, best) || dialledBySmaller(peer, other)) {
                best = other;
            }
        }
        return Optional.of(best.connection);
    }

    private boolean dialledBySmaller(PeerId peer, Open<C> open) {
        boolean weAreSmaller = self.multihash().compareTo(peer.multihash()) < 0;
        return open.outbound == weAreSmaller;
    }

    /// The connections to a peer, the oldest first.
    List<C> of(PeerId peer) {
        return byPeer.getOrDefault(peer, List.of()).stream().map(Open::connection).toList();
    }

    List<C> all() {
        return byPeer.values().stream().flatMap(List::stream).map(Open::connection).toList();
    }

    List<PeerId> peers() {
        return List.copyOf(byPeer.keySet());
    }

    int total() {
        return total;
    }
}
