package org.tutti.libp2p.internal.kad;

import org.tutti.libp2p.multiaddr.Multiaddr;

import java.time.Duration;
import java.util.function.Predicate;

/// The numbers of a Kademlia node. Immutable; begins with those of the spec.
public final class EngineConfig {
    private final int k;
    private final int alpha;
    private final int paths;
    private final boolean server;
    private final int maxPerGroup;
    private final int maxPerGroupAndBucket;
    private final Predicate<Multiaddr> usable;
    private final Duration requestTimeout;
    private final Duration smallNetworkTimeout;
    private final Duration slowAfter;
    private final Duration refreshInterval;

    private EngineConfig(Builder builder) {
        k = positive(builder.k, "k");
        alpha = positive(builder.alpha, "alpha");
        paths = positive(builder.paths, "paths");
        server = builder.server;
        maxPerGroup = positive(builder.maxPerGroup, "maxPerGroup");
        maxPerGroupAndBucket = positive(builder.maxPerGroupAndBucket, "maxPerGroupAndBucket");
        usable = builder.usable;
        requestTimeout = positive(builder.requestTimeout, "requestTimeout");
        smallNetworkTimeout = positive(builder.smallNetworkTimeout, "smallNetworkTimeout");
        slowAfter = positive(builder.slowAfter, "slowAfter");
        refreshInterval = positive(builder.refreshInterval, "refreshInterval");
        if (k > RoutingTable.MAX_K) {
            throw new IllegalArgumentException("k is at most " + RoutingTable.MAX_K);
        }
        if (paths > Lookup.MAX_PATHS) {
            throw new IllegalArgumentException("at most " + Lookup.MAX_PATHS + " paths");
        }
    }

    private static int positive(int value, String name) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be at least 1");
        }
        return value;
    }

    private static Duration positive(Duration value, String name) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be positive");
        }
        return value;
    }

    public static Builder builder() {
        return new Builder();
    }

    /// How many peers keep a value, and how many one bucket holds.
    public int k() {
        return k;
    }

    /// Requests of one look-up on their way at once.
    public int alpha() {
        return alpha;
    }

    /// Disjoint paths of one look-up.
    public int paths() {
        return paths;
    }

    /// Whether this node answers others.
    public boolean server() {
        return server;
    }

    /// Peers of one IP group in the whole routing table.
    public int maxPerGroup() {
        return maxPerGroup;
    }

    /// Peers of one IP group in one bucket.
    public int maxPerGroupAndBucket() {
        return maxPerGroupAndBucket;
    }

    /// Which addresses of others are looked at and handed on.
    public Predicate<Multiaddr> usable() {
        return usable;
    }

    /// After how long a request has failed.
    public Duration requestTimeout() {
        return requestTimeout;
    }

    /// The same, in a network that the routing table holds whole.
    public Duration smallNetworkTimeout() {
        return smallNetworkTimeout;
    }

    /// After how long a request no longer keeps a look-up from asking one more peer.
    public Duration slowAfter() {
        return slowAfter;
    }

    /// How often the routing table is looked after.
    public Duration refreshInterval() {
        return refreshInterval;
    }

    /// Collects values; what is not set keeps its default.
    public static final class Builder {
        private int k = 20;
        private int alpha = 10;
        private int paths = 4;
        private boolean server = true;
        private int maxPerGroup = 3;
        private int maxPerGroupAndBucket = 2;
        private Predicate<Multiaddr> usable = _ -> true;
        private Duration requestTimeout = Duration.ofSeconds(5);
        private Duration smallNetworkTimeout = Duration.ofSeconds(1);
        private Duration slowAfter = Duration.ofMillis(700);
        private Duration refreshInterval = Duration.ofMinutes(5);

        private Builder() {}

        /// 20 unless this is called, as the spec says.
        public Builder k(int value) {
            k = value;
            return this;
        }

        /// 10 unless this is called, as go and js have it (the spec's 3 is older).
        public Builder alpha(int value) {
            alpha = value;
            return this;
        }

        /// 4 unless this is called.
        public Builder paths(int value) {
            paths = value;
            return this;
        }

        /// True unless this is called.
        public Builder server(boolean value) {
            server = value;
            return this;
        }

        /// 3 and 2 unless this is called, as in go's peer diversity filter.
        public Builder diversity(int perTable, int perBucket) {
            maxPerGroup = perTable;
            maxPerGroupAndBucket = perBucket;
            return this;
        }

        /// For networks of which all nodes may stand behind one address.
        public Builder noDiversity() {
            return diversity(Integer.MAX_VALUE, Integer.MAX_VALUE);
        }

        /// All of them unless this is called.
        public Builder usable(Predicate<Multiaddr> value) {
            usable = value;
            return this;
        }

        public Builder requestTimeout(Duration value) {
            requestTimeout = value;
            return this;
        }

        public Builder smallNetworkTimeout(Duration value) {
            smallNetworkTimeout = value;
            return this;
        }

        public Builder slowAfter(Duration value) {
            slowAfter = value;
            return this;
        }

        /// 5 min unless this is called, as the spec says.
        public Builder refreshInterval(Duration value) {
            refreshInterval = value;
            return this;
        }

        public EngineConfig build() {
            return new EngineConfig(this);
        }
    }
}
