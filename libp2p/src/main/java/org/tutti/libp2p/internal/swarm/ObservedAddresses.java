package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Multiaddr.Component;
import org.tutti.libp2p.multiaddr.Protocol;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What peers say of our end of a connection (`observedAddr` of identify), and which addresses of
/// ours enough of them agree on. A pure engine; not safe for threads.
///
/// Behind a router that forwards a port, what a peer that dialled us sees is where others can dial
/// us, too. As in go's observed address manager:
/// - Only connections count whose end here is an address that we listen on: those that were dialled
///   to us, and those that we dialled from a listener's port, which a transport may do (QUIC). TCP
///   connections that we dial come from a port of their own, at which nobody can be dialled,
///   whatever the peer sees of it: a peer that claims to see a port of a listener there is not
///   believed.
/// - An address counts once `CONFIRMATIONS` observers agree on it. An observer is a network, not a
///   peer, because identities cost nothing: the /24 of an IPv4 address (go: the address), the /56
///   of an IPv6 address.
/// - Of one listen address at most `MAX_PER_LISTEN_ADDRESS` are believed, those with most
///   observers.
///
/// Private and loopback addresses are not taken: where we listen at one it is known already, and
/// where we do not it is one of the peer's network.
///
/// @param <C> the connections
final class ObservedAddresses<C> {
    /// Observers that must agree, as in go (`ActivationThresh`).
    static final int CONFIRMATIONS = 4;

    /// As in go (`maxExternalThinWaistAddrsPerLocalAddr`).
    static final int MAX_PER_LISTEN_ADDRESS = 3;

    /// What one observer can make us remember: the newest.
    static final int MAX_PER_OBSERVER = 8;

    /// What all can make us remember: the newest. Some hundred bytes each.
    static final int MAX = 1_024;

    private record Observation(Multiaddr listen, Multiaddr observed, String observer) {}

    /// What was seen on each connection, the oldest first.
    private final Map<C, Observation> observations = new LinkedHashMap<>();

    /// The peer at the other end said how it sees ours.
    ///
    /// @param local our end, without `/p2p`
    /// @param remote the peer's end
    /// @param listen where we listen
    /// @return whether this can have changed `confirmed`
    boolean observed(
            C connection,
            Multiaddr local,
            Multiaddr remote,
            Multiaddr observed,
            List<Multiaddr> listen) {
        Multiaddr claimed = observed.withoutPeerId();
        if (!counts(local, claimed, listen)) {
            // In place of what the peer said before.
            return forget(connection);
        }
        Observation fresh = new Observation(local, claimed, IpScope.network(remote));
        Observation before = observations.remove(connection);
        makeRoom(fresh.observer);
        observations.put(connection, fresh);
        return !fresh.equals(before);
    }

    private static boolean counts(Multiaddr local, Multiaddr claimed, List<Multiaddr> listen) {
        return !claimed.isEmpty()
                && listen.contains(local)
                && !listen.contains(claimed)
                && haveSameShape(local, claimed)
                && IpScope.isPublic(claimed);
    }

    /// Whether both name the same protocols in the same order: an address of a relay, or one of
    /// another IP version, which only a translator can have made, is none of ours.
    private static boolean haveSameShape(Multiaddr one, Multiaddr other) {
        return protocols(one).equals(protocols(other));
    }

    private static List<Protocol> protocols(Multiaddr address) {
        return address.components().stream().map(Component::protocol).toList();
    }

    private void makeRoom(String observer) {
        List<C> same =
                observations.entrySet().stream()
                        .filter(e -> e.getValue().observer.equals(observer))
                        .map(Map.Entry::getKey)
                        .toList();
        if (same.size() >= MAX_PER_OBSERVER) {
            observations.remove(same.getFirst());
        } else if (observations.size() >= MAX) {
            observations.remove(observations.keySet().iterator().next());
        }
    }

    /// What was said on this connection no longer counts.
    ///
    /// @return whether this can have changed `confirmed`
    boolean forget(C connection) {
        return observations.remove(connection) != null;
    }

    /// Whether anything that was said on this connection counts.
    boolean has(C connection) {
        return observations.containsKey(connection);
    }

    /// Nothing that was said of other listen addresses than these counts any more.
    void listening(List<Multiaddr> listen) {
        observations
                .values()
                .removeIf(o -> !listen.contains(o.listen) || listen.contains(o.observed));
    }

    /// The addresses that enough observers agree on; for each listen address those with most first.
    List<Multiaddr> confirmed() {
        Map<Multiaddr, Map<Multiaddr, Set<String>>> observers = new LinkedHashMap<>();
        for (Observation o : observations.values()) {
            observers
                    .computeIfAbsent(o.listen, _ -> new HashMap<>())
                    .computeIfAbsent(o.observed, _ -> new HashSet<>())
                    .add(o.observer);
        }
        List<Multiaddr> confirmed = new ArrayList<>();
        // In the order of their text, so that nothing changes when connections do.
        observers.entrySet().stream()
                .sorted(Comparator.comparing(e -> e.getKey().toString()))
                .forEach(e -> confirmed.addAll(mostObserved(e.getValue())));
        return confirmed.stream().distinct().toList();
    }

    private static List<Multiaddr> mostObserved(Map<Multiaddr, Set<String>> observers) {
        return observers.entrySet().stream()
                .filter(e -> e.getValue().size() >= CONFIRMATIONS)
                .sorted(
                        Comparator.<Map.Entry<Multiaddr, Set<String>>>comparingInt(
                                        e -> -e.getValue().size())
                                .thenComparing(e -> e.getKey().toString()))
                .limit(MAX_PER_LISTEN_ADDRESS)
                .map(Map.Entry::getKey)
                .toList();
    }

    /// How many are remembered.
    int size() {
        return observations.size();
    }
}
