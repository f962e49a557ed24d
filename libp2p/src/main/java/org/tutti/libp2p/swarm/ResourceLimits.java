package org.tutti.libp2p.swarm;

import java.time.Duration;

/// Every bound of a swarm. The default values are what a signer node needs with some to spare;
/// those on connections follow how many descriptors this process may have open.
public final class ResourceLimits {
    /// What one stream may be sent before it is read.
    private static final long MIN_MEMORY = 262_144;

    private static final long MEBIBYTE = 1 << 20;

    private final int maxPendingConnections;
    private final int maxPendingConnectionsPerHost;
    private final int maxConnections;
    private final int maxConnectionsPerPeer;
    private final int maxConnectionsPerHost;
    private final int highWater;
    private final int lowWater;
    private final Duration trimGrace;
    private final int maxStreamsPerConnection;
    private final int maxInboundStreamsPerProtocol;
    private final int maxInboundStreamsPerPeer;
    private final int maxInboundStreamsPerHost;
    private final int maxInboundStreams;
    private final long maxReceiveMemory;
    private final long maxReceiveMemoryPerHost;
    private final int maxDials;
    private final int maxAddressesPerDial;
    private final int maxFurtherDialAttempts;
    private final int maxPendingEvents;
    private final int maxStoredPeers;
    private final Duration dialTimeout;
    private final Duration upgradeTimeout;
    private final Duration negotiationTimeout;

    private ResourceLimits(Builder builder) {
        maxPendingConnections = builder.maxPendingConnections;
        maxPendingConnectionsPerHost = builder.maxPendingConnectionsPerHost;
        maxConnections = builder.maxConnections;
        maxConnectionsPerPeer = builder.maxConnectionsPerPeer;
        maxConnectionsPerHost = builder.maxConnectionsPerHost;
        highWater = builder.highWater;
        lowWater = Math.min(builder.lowWater, builder.highWater);
        trimGrace = builder.trimGrace;
        maxStreamsPerConnection = builder.maxStreamsPerConnection;
        maxInboundStreamsPerProtocol = builder.maxInboundStreamsPerProtocol;
        maxInboundStreamsPerPeer = builder.maxInboundStreamsPerPeer;
        maxInboundStreamsPerHost = builder.maxInboundStreamsPerHost;
        maxInboundStreams = builder.maxInboundStreams;
        maxReceiveMemory = builder.maxReceiveMemory;
        maxReceiveMemoryPerHost = builder.maxReceiveMemoryPerHost;
        maxDials = builder.maxDials;
        maxAddressesPerDial = builder.maxAddressesPerDial;
        maxFurtherDialAttempts = builder.maxFurtherDialAttempts;
        maxPendingEvents = builder.maxPendingEvents;
        maxStoredPeers = builder.maxStoredPeers;
        dialTimeout = builder.dialTimeout;
        upgradeTimeout = builder.upgradeTimeout;
        negotiationTimeout = builder.negotiationTimeout;
        positive(maxPendingConnections, "maxPendingConnections");
        positive(maxPendingConnectionsPerHost, "maxPendingConnectionsPerHost");
        positive(maxConnections, "maxConnections");
        if (maxConnectionsPerPeer < 2) {
            throw new IllegalArgumentException("maxConnectionsPerPeer must be at least 2");
        }
        positive(maxConnectionsPerHost, "maxConnectionsPerHost");
        positive(highWater, "highWater");
        positive(lowWater, "lowWater");
        positive(maxStreamsPerConnection, "maxStreamsPerConnection");
        positive(maxInboundStreamsPerProtocol, "maxInboundStreamsPerProtocol");
        positive(maxInboundStreamsPerPeer, "maxInboundStreamsPerPeer");
        positive(maxInboundStreamsPerHost, "maxInboundStreamsPerHost");
        positive(maxInboundStreams, "maxInboundStreams");
        atLeastOneWindow(maxReceiveMemory, "maxReceiveMemory");
        atLeastOneWindow(maxReceiveMemoryPerHost, "maxReceiveMemoryPerHost");
        positive(maxDials, "maxDials");
        positive(maxAddressesPerDial, "maxAddressesPerDial");
        positive(maxFurtherDialAttempts, "maxFurtherDialAttempts");
        positive(maxPendingEvents, "maxPendingEvents");
        positive(maxStoredPeers, "maxStoredPeers");
        positive(dialTimeout, "dialTimeout");
        positive(upgradeTimeout, "upgradeTimeout");
        positive(negotiationTimeout, "negotiationTimeout");
    }

    /// The default values.
    public static ResourceLimits defaults() {
        return builder().build();
    }

    /// Begins with the default values: set those that should differ.
    public static Builder builder() {
        return new Builder();
    }

    private static void positive(int value, String name) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be at least 1");
        }
    }

    private static void atLeastOneWindow(long value, String name) {
        if (value < MIN_MEMORY) {
            throw new IllegalArgumentException(name + " must be at least " + MIN_MEMORY);
        }
    }

    private static void positive(Duration value, String name) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be positive");
        }
    }

    /// Inbound connections at once whose upgrade has not finished. A newcomer to a full table takes
    /// the place of the oldest of the host that has most. By default an eighth of the descriptors
    /// that this process may have, 32 to 4096.
    public int maxPendingConnections() {
        return maxPendingConnections;
    }

    /// The same, from one remote host: an IPv4 address, or the /56 network of an IPv6 address (one
    /// memory address in tests). By default a quarter of `maxPendingConnections`.
    public int maxPendingConnectionsPerHost() {
        return maxPendingConnectionsPerHost;
    }

    /// Open connections in all. A newcomer to a full table takes the place of one that was opened
    /// by the host that has most. By default six tenths of the descriptors that this process may
    /// have, 64 to 65536.
    public int maxConnections() {
        return maxConnections;
    }

    /// Open connections to one peer, at least 2. Above it the oldest one without streams is closed
    /// for the new one, or the new one if all carry streams. Two peers that dial one another at the
    /// same moment keep both connections.
    ///
    /// go keeps 8 connections of one peer.
    public int maxConnectionsPerPeer() {
        return maxConnectionsPerPeer;
    }

    /// Open connections that one remote host has opened to us, whoever its peers are. Above it the
    /// oldest one without streams is closed for the new one, or the new one if all carry streams.
    /// Addresses of this machine are not exempt. By default half of `maxConnections`, so that many
    /// nodes behind one address find room, and never take all of it.
    public int maxConnectionsPerHost() {
        return maxConnectionsPerHost;
    }

    /// More open connections than this are trimmed to `lowWater`: those of classes that are evicted
    /// first, then those whose peers have the lowest value (`Host.tag`), those without streams
    /// before others, the oldest first; never those of peers that are protected. Without a mark,
    /// which is the default, connections are closed only where a table is full.
    public int highWater() {
        return highWater;
    }

    /// See `highWater`, which it is at most.
    public int lowWater() {
        return lowWater;
    }

    /// How long a new connection is not trimmed. go's connection manager allows 20 s, too.
    public Duration trimGrace() {
        return trimGrace;
    }

    /// Inbound streams of one connection that are served at once, one more is reset; and open
    /// streams in both directions together above which we open no more.
    public int maxStreamsPerConnection() {
        return maxStreamsPerConnection;
    }

    /// Open inbound streams of one peer for one protocol that does not say otherwise.
    public int maxInboundStreamsPerProtocol() {
        return maxInboundStreamsPerProtocol;
    }

    /// Open inbound streams of one peer, on all its connections and for all protocols.
    public int maxInboundStreamsPerPeer() {
        return maxInboundStreamsPerPeer;
    }

    /// Open inbound streams from one remote host.
    public int maxInboundStreamsPerHost() {
        return maxInboundStreamsPerHost;
    }

    /// Open inbound streams in all.
    public int maxInboundStreams() {
        return maxInboundStreams;
    }

    /// Bytes that all connections together hold of what remotes have sent and nobody has read, with
    /// windows that have grown and buffers, as they lie in memory. Above it the connection that
    /// holds most waits for its application to read, and after a second the stream that holds most
    /// is reset. By default a quarter of the memory that this process may have, 16 MiB to 1 GiB.
    public long maxReceiveMemory() {
        return maxReceiveMemory;
    }

    /// The same for the connections of one remote host, and for those of one peer. A stream holds
    /// 256 KiB at least if nobody reads it: whoever serves many streams of one host with handlers
    /// that are slow to read sets this higher. By default 16 MiB, or half of `maxReceiveMemory`.
    public long maxReceiveMemoryPerHost() {
        return maxReceiveMemoryPerHost;
    }

    /// Peers dialled at once.
    public int maxDials() {
        return maxDials;
    }

    /// Addresses tried for one peer, the best ranked; the rest is ignored.
    public int maxAddressesPerDial() {
        return maxAddressesPerDial;
    }

    /// Addresses dialled at once beyond the first of each dial, of all dials together: with
    /// `maxDials` the bound on sockets that are not connected yet. By default a tenth of the
    /// descriptors that this process may have, 16 to 96; go has 160 sockets in all.
    public int maxFurtherDialAttempts() {
        return maxFurtherDialAttempts;
    }

    /// Events waiting for one slow subscriber; above it events are dropped and counted.
    public int maxPendingEvents() {
        return maxPendingEvents;
    }

    /// Peers whose addresses and identify answers are remembered.
    public int maxStoredPeers() {
        return maxStoredPeers;
    }

    /// For one address until the transport is connected.
    public Duration dialTimeout() {
        return dialTimeout;
    }

    /// From accepted or connected until streams can be opened, all reads and writes together. go
    /// resets a silent client after 15 s.
    public Duration upgradeTimeout() {
        return upgradeTimeout;
    }

    /// For agreeing on the protocol of one stream.
    public Duration negotiationTimeout() {
        return negotiationTimeout;
    }

    /// Collects values; what is not set keeps its default.
    public static final class Builder {
        private int maxPendingConnections = Math.clamp(DescriptorLimit.get() / 8, 32, 4_096);
        private int maxPendingConnectionsPerHost = maxPendingConnections / 4;
        private int maxConnections =
                (int) Math.clamp(DescriptorLimit.get() * 6L / 10, 64L, 65_536L);
        private int maxConnectionsPerPeer = 8;
        private int maxConnectionsPerHost = maxConnections / 2;
        private int highWater = Integer.MAX_VALUE;
        private int lowWater = Integer.MAX_VALUE;
        private Duration trimGrace = Duration.ofSeconds(20);
        private int maxStreamsPerConnection = 256;
        private int maxInboundStreamsPerProtocol = 32;
        private int maxInboundStreamsPerPeer = 1_024;
        private int maxInboundStreamsPerHost = 8_192;
        private int maxInboundStreams = 32_768;
        private long maxReceiveMemory =
                Math.clamp(Runtime.getRuntime().maxMemory() / 4, 16 * MEBIBYTE, 1024 * MEBIBYTE);
        private long maxReceiveMemoryPerHost = Math.min(16 * MEBIBYTE, maxReceiveMemory / 2);
        private int maxDials = 64;
        private int maxAddressesPerDial = 16;
        private int maxFurtherDialAttempts = Math.clamp(DescriptorLimit.get() / 10, 16, 96);
        private int maxPendingEvents = 1_024;
        private int maxStoredPeers = 1_024;
        private Duration dialTimeout = Duration.ofSeconds(10);
        private Duration upgradeTimeout = Duration.ofSeconds(15);
        private Duration negotiationTimeout = Duration.ofSeconds(10);

        private Builder() {}

        /// Sets [ResourceLimits#maxPendingConnections()].
        public Builder maxPendingConnections(int value) {
            maxPendingConnections = value;
            return this;
        }

        /// Sets [ResourceLimits#maxPendingConnectionsPerHost()].
        public Builder maxPendingConnectionsPerHost(int value) {
            maxPendingConnectionsPerHost = value;
            return this;
        }

        /// Sets [ResourceLimits#maxConnections()].
        public Builder maxConnections(int value) {
            maxConnections = value;
            return this;
        }

        /// Sets [ResourceLimits#maxConnectionsPerPeer()].
        public Builder maxConnectionsPerPeer(int value) {
            maxConnectionsPerPeer = value;
            return this;
        }

        /// Sets [ResourceLimits#maxConnectionsPerHost()].
        public Builder maxConnectionsPerHost(int value) {
            maxConnectionsPerHost = value;
            return this;
        }

        /// Sets [ResourceLimits#highWater()] and [ResourceLimits#lowWater()].
        public Builder water(int low, int high) {
            lowWater = low;
            highWater = high;
            return this;
        }

        /// Sets [ResourceLimits#trimGrace()].
        public Builder trimGrace(Duration value) {
            trimGrace = value;
            return this;
        }

        /// Sets [ResourceLimits#maxStreamsPerConnection()].
        public Builder maxStreamsPerConnection(int value) {
            maxStreamsPerConnection = value;
            return this;
        }

        /// Sets [ResourceLimits#maxInboundStreamsPerProtocol()].
        public Builder maxInboundStreamsPerProtocol(int value) {
            maxInboundStreamsPerProtocol = value;
            return this;
        }

        /// Sets [ResourceLimits#maxInboundStreamsPerPeer()].
        public Builder maxInboundStreamsPerPeer(int value) {
            maxInboundStreamsPerPeer = value;
            return this;
        }

        /// Sets [ResourceLimits#maxInboundStreamsPerHost()].
        public Builder maxInboundStreamsPerHost(int value) {
            maxInboundStreamsPerHost = value;
            return this;
        }

        /// Sets [ResourceLimits#maxInboundStreams()].
        public Builder maxInboundStreams(int value) {
            maxInboundStreams = value;
            return this;
        }

        /// Sets [ResourceLimits#maxReceiveMemory()].
        public Builder maxReceiveMemory(long value) {
            maxReceiveMemory = value;
            return this;
        }

        /// Sets [ResourceLimits#maxReceiveMemoryPerHost()].
        public Builder maxReceiveMemoryPerHost(long value) {
            maxReceiveMemoryPerHost = value;
            return this;
        }

        /// Sets [ResourceLimits#maxDials()].
        public Builder maxDials(int value) {
            maxDials = value;
            return this;
        }

        /// Sets [ResourceLimits#maxAddressesPerDial()].
        public Builder maxAddressesPerDial(int value) {
            maxAddressesPerDial = value;
            return this;
        }

        /// Sets [ResourceLimits#maxFurtherDialAttempts()].
        public Builder maxFurtherDialAttempts(int value) {
            maxFurtherDialAttempts = value;
            return this;
        }

        /// Sets [ResourceLimits#maxPendingEvents()].
        public Builder maxPendingEvents(int value) {
            maxPendingEvents = value;
            return this;
        }

        /// Sets [ResourceLimits#maxStoredPeers()].
        public Builder maxStoredPeers(int value) {
            maxStoredPeers = value;
            return this;
        }

        /// Sets [ResourceLimits#dialTimeout()].
        public Builder dialTimeout(Duration value) {
            dialTimeout = value;
            return this;
        }

        /// Sets [ResourceLimits#upgradeTimeout()].
        public Builder upgradeTimeout(Duration value) {
            upgradeTimeout = value;
            return this;
        }

        /// Sets [ResourceLimits#negotiationTimeout()].
        public Builder negotiationTimeout(Duration value) {
            negotiationTimeout = value;
            return this;
        }

        /// @throws IllegalArgumentException naming the value that is out of bounds
        public ResourceLimits build() {
            return new ResourceLimits(this);
        }
    }
}
