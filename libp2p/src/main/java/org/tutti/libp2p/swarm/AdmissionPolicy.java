package org.tutti.libp2p.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.List;
import java.util.Optional;

/// Who may connect and for what, as a list of classes. A peer's connections belong to the first
/// class that admits the peer and lets anybody connect; the peer may use the protocols of every
/// class that admits it. Who is in no class is closed when its identity is known, before a byte of
/// the muxer.
///
/// Immutable; the members of a class change ([PeerClass.Builder#peers(PeerLists)]). Safe for all
/// threads.
public final class AdmissionPolicy implements ConnectionGater {
    private final ConnectionGater first;
    private final List<PeerClass> classes;

    private AdmissionPolicy(ConnectionGater first, List<PeerClass> classes) {
        this.first = first;
        this.classes = List.copyOf(classes);
        if (this.classes.stream().map(PeerClass::name).distinct().count() != this.classes.size()) {
            throw new IllegalArgumentException("two classes have one name");
        }
    }

    /// These classes, in this order.
    ///
    /// @throws IllegalArgumentException if two have the same name
    public static AdmissionPolicy of(PeerClass... classes) {
        return new AdmissionPolicy(ConnectionGater.open(), List.of(classes));
    }

    /// The same, but another gater has to agree: with a list of those that are blocked.
    public AdmissionPolicy within(ConnectionGater gater) {
        return new AdmissionPolicy(gater, classes);
    }

    /// The class that the connections of a peer belong to; empty if it may not connect.
    public Optional<PeerClass> admitting(PeerId peer) {
        return classes.stream().filter(c -> c.maxConnections() > 0 && c.admits(peer)).findFirst();
    }

    @Override
    public PeerClass classOf(PeerId peer) {
        // It may have left its class since it was asked whether the peer may connect.
        return admitting(peer).orElseGet(PeerClass::everybody);
    }

    @Override
    public boolean allowDial(PeerId peer, Multiaddr address) {
        return first.allowDial(peer, address) && admitting(peer).isPresent();
    }

    @Override
    public boolean allowAccept(Multiaddr remoteAddress) {
        return first.allowAccept(remoteAddress);
    }

    @Override
    public boolean allowSecured(PeerId peer, Multiaddr remoteAddress, boolean outbound) {
        return first.allowSecured(peer, remoteAddress, outbound)
                && classes.stream()
                        .anyMatch(c ->
                                c.maxConnections() > 0
                                        && c.admits(peer)
                                        && (outbound || !c.isDialledOnly()));
    }

    @Override
    public boolean allowStream(PeerId peer, String protocol) {
        return first.allowStream(peer, protocol)
                && classes.stream().anyMatch(c -> c.carries(protocol) && c.admits(peer));
    }

    @Override
    public void onChange(Runnable action) {
        first.onChange(action);
        classes.forEach(c -> c.lists().ifPresent(lists -> lists.onChange(action)));
    }
}
