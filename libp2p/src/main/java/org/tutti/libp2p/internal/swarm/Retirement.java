package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.identity.PeerId;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Closes connections that are no longer needed, as [RedundantConnections] decides.
///
/// Both ends of a simultaneous dial come to the same decision, unless their clocks differ at the
/// edge of what counts as simultaneous. So that they never close one connection each, the peer with
/// the smaller id goes first; the other closes what is still there after as long again, should the
/// first follow other rules.
///
/// Safe for all threads; the lock guards `engine`. Connections are closed outside it.
final class Retirement {
    static final Duration IDLE = Duration.ofSeconds(10);

    private final Swarm swarm;
    private final RedundantConnections<SwarmConnection> engine = new RedundantConnections<>();

    /// Peers that had several connections when it was looked last, or have them now.
    private final Set<PeerId> peers = ConcurrentHashMap.newKeySet();

    Retirement(Swarm swarm) {
        this.swarm = swarm;
    }

    /// A connection was added.
    ///
    /// @param count how many there are to this peer now
    void added(PeerId peer, int count) {
        if (count > 1) {
            peers.add(peer);
        }
    }

    /// A connection has ended.
    void removed(SwarmConnection connection) {
        synchronized (engine) {
            engine.remove(connection);
        }
    }

    /// Closes what has been idle for long enough. One thread at a time.
    void look() {
        // Of a copy: what is put back while the set itself is walked may be met again.
        List.copyOf(peers).forEach(this::look);
    }

    private void look(PeerId peer) {
        // First, so that a connection that is added now brings the peer back.
        peers.remove(peer);
        List<SwarmConnection> open = swarm.open(peer);
        added(peer, open.size());
        Optional<SwarmConnection> preferred = swarm.preferred(peer, true);
        List<RedundantConnections.Seen<SwarmConnection>> seen =
                open.stream()
                        .map(c ->
                                new RedundantConnections.Seen<>(
                                        c, c.streamCount(), c.openedStreams()))
                        .toList();
        long now = swarm.config().timer().nanoTime();
        List<SwarmConnection> retired;
        synchronized (engine) {
            retired = engine.look(seen, preferred, idle(swarm.self(), peer).toNanos(), now);
        }
        retired.forEach(c ->
                swarm.tasks()
                        .start(
                                "libp2p-retire",
                                () ->
                                        c.close(
                                                "not needed beside another connection to"
                                                        + " the same peer")));
    }

    /// How long a redundant connection to this peer may be idle here.
    static Duration idle(PeerId self, PeerId peer) {
        boolean first = self.multihash().compareTo(peer.multihash()) < 0;
        return first ? IDLE : IDLE.multipliedBy(2);
    }
}
