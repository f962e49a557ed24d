package org.tutti.libp2p.internal.wanted;

import org.tutti.base.Backoff;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.WantedPeers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/// Who of the wanted peers is dialled when, so that as many as are wanted are connected. A pure
/// engine; not safe for threads. Times are nanoseconds.
///
/// A peer that cannot be reached is dialled again after a while that grows, and in the meantime
/// others take its place. A connection that ends soon counts as a failure: a peer that accepts
/// everybody and closes at once is not dialled without a pause.
final class WantedEngine {
    /// How long a connection has to live for the peer to be dialled at once when it is lost.
    static final Duration LASTING = Duration.ofSeconds(10);

    private static final class Peer {
        final Backoff backoff;
        final long waits;
        boolean connected;
        boolean dialling;

        /// When it was connected, if it is.
        long since;

        long notBefore;

        Peer(Backoff backoff, long waits, long now) {
            this.backoff = backoff;
            this.waits = waits;
            this.notBefore = now + waits;
        }

        boolean isCandidate() {
            return !connected && !dialling;
        }
    }

    private final int number;
    private final Map<PeerId, Peer> peers = new LinkedHashMap<>();

    WantedEngine(PeerId self, WantedPeers wanted, RandomGenerator random, long now) {
        this.number = wanted.number();
        for (PeerId peer : wanted.peers()) {
            if (peer.equals(self)) {
                continue;
            }
            boolean higher = self.multihash().compareTo(peer.multihash()) > 0;
            peers.put(
                    peer,
                    new Peer(
                            new Backoff(wanted.firstBackoff(), wanted.maxBackoff(), random),
                            higher ? wanted.higherIdWaits().toNanos() : 0,
                            now));
        }
    }

    boolean isWanted(PeerId peer) {
        return peers.containsKey(peer);
    }

    /// Whether there is a connection to this peer now.
    void connected(PeerId id, boolean connected, long now) {
        Peer peer = peers.get(id);
        if (peer == null || peer.connected == connected) {
            return;
        }
        peer.connected = connected;
        if (connected) {
            peer.since = now;
        } else if (now - peer.since >= LASTING.toNanos()) {
            peer.backoff.reset();
            peer.notBefore = now + peer.waits;
        } else {
            peer.notBefore = now + Math.max(peer.waits, peer.backoff.next().toNanos());
        }
    }

    /// A dial that `next` gave has ended, after `connected` was told what there is now.
    void dialEnded(PeerId id, long now) {
        Peer peer = peers.get(id);
        if (peer != null) {
            peer.dialling = false;
            // It may have succeeded, and the connection be gone before anybody saw it.
            if (!peer.connected && peer.notBefore - now <= 0) {
                peer.notBefore = now + peer.backoff.next().toNanos();
            }
        }
    }

    /// Whom to dial now.
    List<PeerId> next(long now) {
        List<PeerId> due = new ArrayList<>();
        long missing = missing();
        for (Map.Entry<PeerId, Peer> entry : peers.entrySet()) {
            if (missing <= 0) {
                break;
            }
            Peer peer = entry.getValue();
            if (peer.isCandidate() && peer.notBefore - now <= 0) {
                peer.dialling = true;
                due.add(entry.getKey());
                missing--;
            }
        }
        return due;
    }

    private long missing() {
        return number - peers.values().stream().filter(p -> !p.isCandidate()).count();
    }

    /// When `next` gives somebody, if nothing happens until then.
    OptionalLong wakeAt() {
        if (missing() <= 0) {
            return OptionalLong.empty();
        }
        OptionalLong first = OptionalLong.empty();
        for (Peer peer : peers.values()) {
            if (peer.isCandidate() && (first.isEmpty() || peer.notBefore - first.getAsLong() < 0)) {
                first = OptionalLong.of(peer.notBefore);
            }
        }
        return first;
    }

    /// How many are connected.
    int connectedCount() {
        return (int) peers.values().stream().filter(p -> p.connected).count();
    }
}
