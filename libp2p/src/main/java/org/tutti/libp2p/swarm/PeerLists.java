package org.tutti.libp2p.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// Lists of who may connect, which change while hosts run: whoever no longer belongs is
/// disconnected at once. Safe for all threads.
///
/// A peer may connect if it is not blocked and, where there is a list of allowed peers, is on it.
public final class PeerLists implements ConnectionGater {
    private final boolean onlyAllowed;
    private final Set<PeerId> allowed = ConcurrentHashMap.newKeySet();
    private final Set<PeerId> blocked = ConcurrentHashMap.newKeySet();
    private final Set<String> blockedHosts = ConcurrentHashMap.newKeySet();
    private final List<Runnable> hosts = new CopyOnWriteArrayList<>();

    private PeerLists(boolean onlyAllowed, Collection<PeerId> allowed) {
        this.onlyAllowed = onlyAllowed;
        this.allowed.addAll(allowed);
    }

    /// Everybody may connect who is not blocked.
    public static PeerLists everybody() {
        return new PeerLists(false, List.of());
    }

    /// Only these may connect, and those that are added later.
    public static PeerLists only(Collection<PeerId> peers) {
        return new PeerLists(true, peers);
    }

    /// Puts a peer on the list of those that may connect, and takes it from the blocked ones.
    public void allow(PeerId peer) {
        blocked.remove(peer);
        allowed.add(peer);
    }

    /// Takes a peer from the list of those that may connect. Without such a list nothing changes.
    public void disallow(PeerId peer) {
        allowed.remove(peer);
        changed();
    }

    /// Puts these on the list of those that may connect, and takes all others from it.
    public void allowOnly(Collection<PeerId> peers) {
        allowed.addAll(peers);
        allowed.retainAll(Set.copyOf(peers));
        changed();
    }

    /// Refuses a peer from now on, whatever the other list says.
    public void block(PeerId peer) {
        blocked.add(peer);
        changed();
    }

    public void unblock(PeerId peer) {
        blocked.remove(peer);
    }

    /// Refuses inbound connections from an IP address, and dials none to it.
    ///
    /// @param host an address that begins with it, such as `/ip4/192.0.2.1`
    public void blockHost(Multiaddr host) {
        blockedHosts.add(hostOf(host));
        changed();
    }

    public void unblockHost(Multiaddr host) {
        blockedHosts.remove(hostOf(host));
    }

    private static String hostOf(Multiaddr address) {
        return address.components().getFirst().toString();
    }

    private void changed() {
        hosts.forEach(Runnable::run);
    }

    /// Whether a peer may connect from anywhere that is not blocked.
    public boolean mayConnect(PeerId peer) {
        return !blocked.contains(peer) && (!onlyAllowed || allowed.contains(peer));
    }

    private boolean isAllowed(PeerId peer, Multiaddr address) {
        return mayConnect(peer) && allowAccept(address);
    }

    @Override
    public boolean allowDial(PeerId peer, Multiaddr address) {
        return isAllowed(peer, address);
    }

    @Override
    public boolean allowAccept(Multiaddr remoteAddress) {
        return !blockedHosts.contains(hostOf(remoteAddress));
    }

    @Override
    public boolean allowSecured(PeerId peer, Multiaddr remoteAddress, boolean outbound) {
        return isAllowed(peer, remoteAddress);
    }

    @Override
    public void onChange(Runnable action) {
        hosts.add(action);
    }
}
