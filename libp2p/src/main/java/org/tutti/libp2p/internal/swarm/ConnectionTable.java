package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.LimitExceededException;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Who is connected, within the bounds on connections, and which of several connections to one peer
/// new streams take. A pure engine; not safe for threads.
///
/// Two peers that dial one another at the same moment end with two connections. None is closed,
/// since the remote may be using it already; instead both sides choose by the same rule where new
/// streams go: of connections opened within `SIMULTANEOUS_NANOS`, one that was dialled by the peer
/// with the smaller id; otherwise the newest, because a peer that dials again has lost the older
/// one.
///
/// @param <C> the connections
final class ConnectionTable<C> {
    /// Two connections opened within this time count as dialled at once: 5 s, well above any round
    /// trip and well below the time in which a dead connection is noticed.
    static final long SIMULTANEOUS_NANOS = 5_000_000_000L;

    /// The limit that is named when a peer has too many connections.
    static final String PER_PEER = "maxConnectionsPerPeer";

    /// The limit that is named when there are too many in all.
    static final String IN_ALL = "maxConnections";

    private record Open<C>(C connection, String host, boolean outbound, long openedAt) {}

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
    /// @param host the remote host, see [RemoteHost]
    /// @param now nanoseconds
    /// @return how many connections to this peer there are now
    /// @throws LimitExceededException if it is one too many; it is not added then
    int add(PeerId peer, C connection, String host, boolean outbound, long now)
            throws LimitExceededException {
        if (total >= maxTotal) {
            throw new LimitExceededException(IN_ALL, maxTotal);
        }
        List<Open<C>> open = byPeer.getOrDefault(peer, List.of());
        if (open.size() >= maxPerPeer) {
            throw new LimitExceededException(PER_PEER, maxPerPeer);
        }
        byPeer.computeIfAbsent(peer, _ -> new ArrayList<>(1))
                .add(new Open<>(connection, host, outbound, now));
        total++;
        return open.size() + (open.isEmpty() ? 1 : 0);
    }

    /// What to close so that a host may connect when the table is full: a connection of the host
    /// that opened most to us, the oldest that carries no stream, or else the oldest. Identities
    /// cost nothing and one host can have a thousand, and whoever fills the table keeps a stream
    /// open on each: so the table is shared between hosts, whatever they do. A connection that
    /// carries streams goes only for a host that has at least two fewer, so that connecting again
    /// and again gains nothing.
    ///
    /// @param expendable what may be closed at all
    Optional<C> evictionCandidate(String newcomer, Predicate<C> expendable, Predicate<C> idle) {
        Map<String, List<Open<C>>> inbound =
                byPeer.values().stream()
                        .flatMap(List::stream)
                        .filter(open -> !open.outbound && expendable.test(open.connection))
                        .collect(Collectors.groupingBy(Open::host));
        List<Open<C>> ours = inbound.getOrDefault(newcomer, List.of());
        int own = ours.size();
        Optional<List<Open<C>>> most =
                inbound.values().stream().max(Comparator.comparingInt(List::size));
        if (most.isEmpty()) {
            return Optional.empty();
        }
        List<Open<C>> theirs = most.get().size() == own ? ours : most.get();
        Comparator<Open<C>> oldest = Comparator.comparingLong(Open::openedAt);
        Optional<Open<C>> silent =
                theirs.stream().filter(open -> idle.test(open.connection)).min(oldest);
        return silent.or(() ->
                        theirs.size() >= own + 2 || own == 0
                                ? theirs.stream().min(oldest)
                                : Optional.empty())
                .map(Open::connection);
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
