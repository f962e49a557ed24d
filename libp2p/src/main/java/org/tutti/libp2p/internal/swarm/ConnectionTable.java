package org.tutti.libp2p.internal.swarm;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.LimitExceededException;
import org.tutti.libp2p.swarm.PeerClass;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
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

    /// The limit that is named when a host has opened too many to us.
    static final String PER_HOST = "maxConnectionsPerHost";

    /// The limit that is named when there are too many in all.
    static final String IN_ALL = "maxConnections";

    /// How many limits a connection may exceed: those above, and that of its class.
    static final int LIMITS = 4;

    /// Whose a connection is, and how it came.
    ///
    /// @param host the remote host, see [RemoteHost]
    record Owner(PeerId peer, String host, PeerClass peerClass, boolean outbound) {
        /// The limit that is named when the class has too many.
        String classLimit() {
            return peerClass.name() + ".maxConnections";
        }
    }

    private record Open<C>(C connection, Owner owner, long openedAt) {
        String host() {
            return owner.host;
        }

        boolean outbound() {
            return owner.outbound;
        }
    }

    private final PeerId self;
    private final int maxTotal;
    private final int maxPerPeer;
    private final int maxPerHost;
    private final Map<PeerId, List<Open<C>>> byPeer = new HashMap<>();

    /// How many each host has opened to us.
    private final Map<String, Integer> inbound = new HashMap<>();

    private final Map<PeerClass, Integer> byClass = new HashMap<>();
    private int total;

    ConnectionTable(PeerId self, int maxTotal, int maxPerPeer, int maxPerHost) {
        this.self = self;
        this.maxTotal = maxTotal;
        this.maxPerPeer = maxPerPeer;
        this.maxPerHost = maxPerHost;
    }

    /// Adds an open connection.
    ///
    /// @param now nanoseconds
    /// @return how many connections to this peer there are now
    /// @throws LimitExceededException if it is one too many; it is not added then
    int add(C connection, Owner owner, long now) throws LimitExceededException {
        Optional<LimitExceededException> limit = limitReached(owner);
        if (limit.isPresent()) {
            throw limit.get();
        }
        List<Open<C>> open = byPeer.computeIfAbsent(owner.peer, _ -> new ArrayList<>(1));
        open.add(new Open<>(connection, owner, now));
        count(owner, 1);
        return open.size();
    }

    private void count(Owner owner, int by) {
        total += by;
        byClass.merge(owner.peerClass, by, ConnectionTable::sum);
        if (!owner.outbound) {
            inbound.merge(owner.host, by, ConnectionTable::sum);
        }
    }

    /// Null, which takes the key out, instead of 0.
    private static @Nullable Integer sum(Integer a, Integer b) {
        return a + b == 0 ? null : (Integer) (a + b);
    }

    /// The first limit that one more connection would exceed.
    Optional<LimitExceededException> limitReached(Owner owner) {
        if (byPeer.getOrDefault(owner.peer, List.of()).size() >= maxPerPeer) {
            return Optional.of(new LimitExceededException(PER_PEER, maxPerPeer));
        }
        if (!owner.outbound && inbound.getOrDefault(owner.host, 0) >= maxPerHost) {
            return Optional.of(new LimitExceededException(PER_HOST, maxPerHost));
        }
        int maxOfClass = owner.peerClass.maxConnections();
        if (byClass.getOrDefault(owner.peerClass, 0) >= maxOfClass) {
            return Optional.of(new LimitExceededException(owner.classLimit(), maxOfClass));
        }
        return total >= maxTotal
                ? Optional.of(new LimitExceededException(IN_ALL, maxTotal))
                : Optional.empty();
    }

    /// What to close for a newcomer that exceeds a limit.
    ///
    /// - Of one peer, the oldest that carries no stream: a peer that connects again has often lost
    ///   connections whose end we have not noticed yet.
    /// - Of one host, the oldest that carries no stream.
    /// - Of one class, one of the host that has most in it.
    /// - In all, one of a class that is evicted first; else one of the host that has most, unless
    ///   the newcomer's class is itself evicted first, or we dialled.
    ///
    /// @param limit as `limitReached` names it
    /// @param expendable what may be closed at all
    /// @param idle what carries no stream
    Optional<C> victimFor(
            String limit, Owner newcomer, Predicate<C> expendable, Predicate<C> idle) {
        if (limit.equals(PER_PEER)) {
            return of(newcomer.peer).stream().filter(idle).findFirst();
        }
        if (limit.equals(PER_HOST)) {
            return oldest(open ->
                    !open.outbound()
                            && open.host().equals(newcomer.host)
                            && expendable.test(open.connection)
                            && idle.test(open.connection));
        }
        if (limit.equals(newcomer.classLimit())) {
            return newcomer.outbound
                    ? Optional.empty()
                    : candidate(
                            newcomer.host,
                            open ->
                                    open.owner.peerClass.equals(newcomer.peerClass)
                                            && expendable.test(open.connection),
                            idle);
        }
        boolean last = newcomer.peerClass.isEvictedFirst();
        Optional<C> first =
                last && newcomer.outbound
                        ? Optional.empty()
                        : candidate(
                                last ? newcomer.host : "",
                                open ->
                                        open.owner.peerClass.isEvictedFirst()
                                                && expendable.test(open.connection),
                                idle);
        return first.isPresent() || last || newcomer.outbound
                ? first
                : evictionCandidate(newcomer.host, expendable, idle);
    }

    /// What to close because descriptors have run out.
    Optional<C> anyVictim(Predicate<C> expendable, Predicate<C> idle) {
        return candidate(
                        "",
                        open ->
                                open.owner.peerClass.isEvictedFirst()
                                        && expendable.test(open.connection),
                        idle)
                .or(() -> evictionCandidate("", expendable, idle));
    }

    /// All of them, for trimming.
    List<Trimming.Candidate<C>> candidates(
            Predicate<C> isProtected, ToLongFunction<PeerId> value, Predicate<C> idle) {
        return byPeer.values().stream()
                .flatMap(List::stream)
                .map(open ->
                        new Trimming.Candidate<>(
                                open.connection,
                                isProtected.test(open.connection),
                                open.owner.peerClass.isEvictedFirst(),
                                value.applyAsLong(open.owner.peer),
                                idle.test(open.connection),
                                open.openedAt))
                .toList();
    }

    private Optional<C> oldest(Predicate<Open<C>> wanted) {
        return byPeer.values().stream()
                .flatMap(List::stream)
                .filter(wanted)
                .min(Comparator.comparingLong(Open::openedAt))
                .map(Open::connection);
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
        return candidate(newcomer, open -> expendable.test(open.connection), idle);
    }

    private Optional<C> candidate(
            String newcomer, Predicate<Open<C>> expendable, Predicate<C> idle) {
        Map<String, List<Open<C>>> byHost =
                byPeer.values().stream()
                        .flatMap(List::stream)
                        .filter(open -> !open.outbound() && expendable.test(open))
                        .collect(Collectors.groupingBy(Open::host));
        List<Open<C>> ours = byHost.getOrDefault(newcomer, List.of());
        int own = ours.size();
        Optional<List<Open<C>>> most =
                byHost.values().stream().max(Comparator.comparingInt(List::size));
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
        Optional<Open<C>> gone =
                open.stream().filter(o -> o.connection.equals(connection)).findFirst();
        if (gone.isPresent()) {
            open.remove(gone.get());
            count(gone.get().owner, -1);
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
        return open.outbound() == weAreSmaller;
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
