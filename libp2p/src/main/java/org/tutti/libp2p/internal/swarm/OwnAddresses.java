package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.multiaddr.Multiaddr;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Where this host can be reached: where it listens (each interface of a listener on all of them),
/// what was announced, and what enough peers observed. A pure engine; not safe for threads.
///
/// @param <C> the connections
final class OwnAddresses<C> {
    /// Addresses without `/p2p`.
    ///
    /// @param listen in the order in which the listeners were opened
    /// @param external announced, then confirmed; none that is in `listen`
    record Known(List<Multiaddr> listen, List<Multiaddr> external) {
        static final Known NONE = new Known(List.of(), List.of());
    }

    private final List<Multiaddr> bound = new ArrayList<>();
    private final ExternalAddresses announced = new ExternalAddresses();
    private final ObservedAddresses<C> observed = new ObservedAddresses<>();
    private List<InetAddress> interfaces = List.of();
    private Known known = Known.NONE;

    /// What is known now.
    Known known() {
        return known;
    }

    /// Whether a listener stands for all interfaces, so that `interfaces` matters.
    boolean followsInterfaces() {
        return bound.stream().anyMatch(Interfaces::isWildcard);
    }

    /// A listener was opened.
    ///
    /// @param addresses as they were bound, a wildcard among them
    /// @param current the addresses of the interfaces
    /// @return the addresses that it stands for
    List<Multiaddr> listening(List<Multiaddr> addresses, List<InetAddress> current) {
        bound.addAll(addresses);
        interfaces = List.copyOf(current);
        refresh();
        return expanded(addresses);
    }

    /// The interfaces have these addresses now.
    ///
    /// @return whether `known` has changed
    boolean interfaces(List<InetAddress> current) {
        if (interfaces.equals(current)) {
            return false;
        }
        interfaces = List.copyOf(current);
        return refresh();
    }

    /// @return whether `known` has changed: not if the address is known, or there are too many
    boolean announce(Multiaddr address) {
        return announced.add(address) && refresh();
    }

    /// @return whether `known` has changed
    boolean withdraw(Multiaddr address) {
        return announced.remove(address) && refresh();
    }

    /// The peer at the other end of a connection said how it sees ours. Takes effect with
    /// `applyObserved`.
    ///
    /// @param local our end
    /// @param remote the peer's end
    /// @return whether this can change anything
    boolean observed(C connection, Multiaddr local, Multiaddr remote, Multiaddr claimed) {
        return observed.observed(connection, local, remote, claimed, known.listen);
    }

    /// What the peer said on this connection no longer counts, from the next `applyObserved` on.
    ///
    /// @return whether this can change anything
    boolean forget(C connection) {
        return observed.forget(connection);
    }

    /// What was observed takes effect.
    ///
    /// @return whether `known` has changed
    boolean applyObserved() {
        return refresh();
    }

    /// Whether what the peer said on this connection counts.
    boolean counts(C connection) {
        return observed.has(connection);
    }

    /// The listeners are closed.
    void close() {
        bound.clear();
        refresh();
    }

    private boolean refresh() {
        List<Multiaddr> listen = expanded(bound);
        observed.listening(listen);
        List<Multiaddr> external =
                Stream.concat(announced.all().stream(), observed.confirmed().stream())
                        .filter(a -> !listen.contains(a))
                        .distinct()
                        .toList();
        Known before = known;
        known = new Known(listen, external);
        return !known.equals(before);
    }

    private List<Multiaddr> expanded(List<Multiaddr> addresses) {
        return addresses.stream()
                .flatMap(a -> Interfaces.expand(a, interfaces).stream())
                .distinct()
                .toList();
    }
}
