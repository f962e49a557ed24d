package org.tutti.libp2p.swarm;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;

import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// A class of peers: who belongs to it, which protocols they may use, and how much they may have of
/// a host together. An [AdmissionPolicy] is a list of classes.
///
/// ```java
/// PeerClass members = PeerClass.builder("member").peers(lists).build();
/// PeerClass infrastructure = PeerClass.infrastructure();
/// PeerClass open = PeerClass.builder("public")
///         .protocols(Set.of("/my/requests/1"))
///         .maxConnections(100)
///         .maxReceiveMemory(8 << 20)
///         .evictedFirst()
///         .build();
/// ```
public final class PeerClass {
    /// What one stream may be sent before it is read.
    private static final long ONE_WINDOW = 262_144;

    private static final PeerClass EVERYBODY = builder("everybody").build();

    private final String name;
    private final Predicate<PeerId> peers;
    private final @Nullable PeerLists lists;
    private final @Nullable Set<String> protocols;
    private final int maxConnections;
    private final int maxStreams;
    private final long maxReceiveMemory;
    private final boolean evictedFirst;
    private final boolean dialledOnly;

    private PeerClass(Builder builder) {
        name = builder.name;
        peers = builder.peers;
        lists = builder.lists;
        protocols = builder.protocols;
        maxConnections = builder.maxConnections;
        maxStreams = builder.maxStreams;
        maxReceiveMemory = builder.maxReceiveMemory;
        evictedFirst = builder.evictedFirst;
        dialledOnly = builder.dialledOnly;
    }

    /// The class of all peers where there are no classes: every protocol, no bound but those of
    /// [ResourceLimits].
    public static PeerClass everybody() {
        return EVERYBODY;
    }

    /// Identify, its pushes and ping, for whomever another class lets connect.
    public static PeerClass infrastructure() {
        return builder("infrastructure")
                .protocols(Set.of("/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", "/ipfs/ping/1.0.0"))
                .maxConnections(0)
                .build();
    }

    /// Begins with a class of all peers for every protocol, without bounds of its own.
    ///
    /// @param name of letters, digits and hyphens; refusals are counted by it
    public static Builder builder(String name) {
        return new Builder(name);
    }

    /// What it is called in reasons.
    public String name() {
        return name;
    }

    /// Whether a peer belongs to it now.
    public boolean admits(PeerId peer) {
        return peers.test(peer);
    }

    /// Whether its peers may use a protocol.
    public boolean carries(String protocol) {
        return protocols == null || protocols.contains(protocol);
    }

    /// The protocols that its peers may use.
    ///
    /// @throws IllegalStateException if they may use every one
    public Set<String> protocols() {
        if (protocols == null) {
            throw new IllegalStateException("class " + name + " is for every protocol");
        }
        return protocols;
    }

    /// Open connections of all its peers, which no other class uses. 0: it lets nobody connect, and
    /// its protocols are for those that another class lets connect.
    public int maxConnections() {
        return maxConnections;
    }

    /// Open streams that its peers opened, all together.
    public int maxStreams() {
        return maxStreams;
    }

    /// As [ResourceLimits#maxReceiveMemory()], for the connections of its peers.
    public long maxReceiveMemory() {
        return maxReceiveMemory;
    }

    /// Whether its connections are closed to make room for those of other classes.
    public boolean isEvictedFirst() {
        return evictedFirst;
    }

    /// Whether only connections that this host dials belong to it: its peers may not connect by
    /// themselves.
    public boolean isDialledOnly() {
        return dialledOnly;
    }

    /// What has to be asked for changes.
    Optional<PeerLists> lists() {
        return Optional.ofNullable(lists);
    }

    @Override
    public String toString() {
        return name;
    }

    /// Collects values; what is not set has no bound.
    public static final class Builder {
        private final String name;
        private Predicate<PeerId> peers = _ -> true;
        private @Nullable PeerLists lists;
        private @Nullable Set<String> protocols;
        private int maxConnections = Integer.MAX_VALUE;
        private int maxStreams = Integer.MAX_VALUE;
        private long maxReceiveMemory = Long.MAX_VALUE;
        private boolean evictedFirst;
        private boolean dialledOnly;

        private Builder(String name) {
            if (!name.matches("[A-Za-z0-9-]{1,32}")) {
                throw new IllegalArgumentException(
                        "a class is named by up to 32 letters, digits and hyphens: " + name);
            }
            this.name = name;
        }

        /// Only these peers belong to it. When the answers change from yes to no, call
        /// `Host.closeIfNoLongerAllowed`.
        public Builder peers(Predicate<PeerId> test) {
            peers = test;
            lists = null;
            return this;
        }

        /// Only whom these lists let connect; who is taken from them is disconnected at once.
        public Builder peers(PeerLists newLists) {
            peers = newLists::mayConnect;
            lists = newLists;
            return this;
        }

        /// Its peers may use these protocols, and others only where another class lets them.
        public Builder protocols(Collection<String> ids) {
            protocols = Set.copyOf(ids);
            return this;
        }

        /// Sets [PeerClass#maxConnections()].
        public Builder maxConnections(int value) {
            maxConnections = value;
            return this;
        }

        /// Sets [PeerClass#maxStreams()].
        public Builder maxStreams(int value) {
            maxStreams = value;
            return this;
        }

        /// Sets [PeerClass#maxReceiveMemory()].
        public Builder maxReceiveMemory(long value) {
            maxReceiveMemory = value;
            return this;
        }

        /// See [PeerClass#isEvictedFirst()].
        public Builder evictedFirst() {
            evictedFirst = true;
            return this;
        }

        /// See [PeerClass#isDialledOnly()].
        public Builder dialledOnly() {
            dialledOnly = true;
            return this;
        }

        /// @throws IllegalArgumentException if a bound is negative, or the memory is less than one
        ///   stream's first window
        public PeerClass build() {
            if (maxConnections < 0 || maxStreams < 0 || maxReceiveMemory < ONE_WINDOW) {
                throw new IllegalArgumentException(
                        "a bound of class "
                                + name
                                + " is negative, or its memory less than "
                                + ONE_WINDOW);
            }
            return new PeerClass(this);
        }
    }
}
