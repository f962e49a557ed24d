package org.tutti.libp2p.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Peers of which a host keeps some or all connected, see
/// [org.tutti.libp2p.host.Host#keepConnected]: the members of a group, a list to begin with.
/// Immutable.
public final class WantedPeers {
    private final List<PeerId> order;
    private final Map<PeerId, List<Multiaddr>> peers;
    private final int number;
    private final Duration firstBackoff;
    private final Duration maxBackoff;
    private final Duration higherIdWaits;

    private WantedPeers(Builder builder) {
        this.peers = Map.copyOf(builder.peers);
        this.number = builder.number;
        this.firstBackoff = builder.firstBackoff;
        this.maxBackoff = builder.maxBackoff;
        this.higherIdWaits = builder.higherIdWaits;
        this.order = List.copyOf(builder.peers.keySet());
        if (number < 1) {
            throw new IllegalArgumentException("at least one peer has to be wanted");
        }
        if (firstBackoff.toMillis() < 1 || maxBackoff.compareTo(firstBackoff) < 0) {
            throw new IllegalArgumentException("backoff is at least 1 ms, and grows");
        }
    }

    /// Begins with nobody.
    public static Builder builder() {
        return new Builder();
    }

    /// Who is wanted, in the order in which they are dialled.
    public List<PeerId> peers() {
        return order;
    }

    /// Where to dial a peer, beside the addresses that the host knows of it.
    public List<Multiaddr> addresses(PeerId peer) {
        return peers.getOrDefault(peer, List.of());
    }

    /// How many of them are to be connected at once.
    public int number() {
        return number;
    }

    /// Before a peer is dialled again for the first time; doubled each time, with jitter.
    public Duration firstBackoff() {
        return firstBackoff;
    }

    public Duration maxBackoff() {
        return maxBackoff;
    }

    /// How long this host leaves dialling to a peer with a lower peer id; zero not at all. Where
    /// both want each other it spares them a second connection.
    public Duration higherIdWaits() {
        return higherIdWaits;
    }

    /// Collects values; what is not set keeps its default.
    public static final class Builder {
        private final Map<PeerId, List<Multiaddr>> peers = new LinkedHashMap<>();
        private int number = Integer.MAX_VALUE;
        private Duration firstBackoff = Duration.ofSeconds(1);
        private Duration maxBackoff = Duration.ofMinutes(1);
        private Duration higherIdWaits = Duration.ZERO;

        private Builder() {}

        /// Adds one.
        ///
        /// @param addresses with or without `/p2p`; may be empty if the host knows some
        public Builder peer(PeerId peer, List<Multiaddr> addresses) {
            peers.put(peer, addresses.stream().map(Multiaddr::withoutPeerId).toList());
            return this;
        }

        /// Sets [WantedPeers#number()]; all of them unless this is called.
        public Builder number(int value) {
            number = value;
            return this;
        }

        /// Sets [WantedPeers#firstBackoff()] and [WantedPeers#maxBackoff()]: 1 s and 1 minute
        /// unless this is called.
        public Builder backoff(Duration first, Duration max) {
            firstBackoff = first;
            maxBackoff = max;
            return this;
        }

        /// Sets [WantedPeers#higherIdWaits()].
        public Builder higherIdWaits(Duration value) {
            higherIdWaits = value;
            return this;
        }

        /// @throws IllegalArgumentException naming the value that is out of bounds
        public WantedPeers build() {
            return new WantedPeers(this);
        }
    }
}
