package org.tutti.lightclient.sync;

import org.tutti.lightclient.peers.PeerManager;

import java.time.Duration;

/// How long the client waits for what. [#DEFAULTS] are for a node; tests shorten the times:
/// `SyncSettings.DEFAULTS.toBuilder().blockDeadline(…).build()`.
///
/// @param handshake how long `version` and `verack` may take
/// @param blockDeadline how long a peer may take for a block that we asked for, since the last that
///   it sent
/// @param headersDeadline how long the peer that we synchronise with may take for headers before
///   another is chosen
/// @param pollHeaders time between two questions for headers when nothing else happens. btcd
///   answers none while its tip is older than a day, so its silence is not held against it
/// @param pingAfter silence after which a peer is asked whether it is there
/// @param pingDeadline how long it may take to answer
/// @param firstBackoff wait before the second attempt to connect
/// @param maxBackoff longest wait between attempts
/// @param lived how long a connection must have lived to reset that wait
/// @param misbehaviourPause wait after a peer misbehaved
/// @param maxTipAge how old the last block may be for the chain to count as fresh
public record SyncSettings(
        Duration handshake,
        Duration blockDeadline,
        Duration headersDeadline,
        Duration pollHeaders,
        Duration pingAfter,
        Duration pingDeadline,
        Duration firstBackoff,
        Duration maxBackoff,
        Duration lived,
        Duration misbehaviourPause,
        Duration maxTipAge) {
    public static final SyncSettings DEFAULTS = new Builder().build();

    /// @param maxConnections how many endpoints are connected at once
    PeerManager.Settings forPeers(int maxConnections) {
        return new PeerManager.Settings(
                maxConnections, firstBackoff, maxBackoff, lived, misbehaviourPause);
    }

    /// A builder that starts with these settings.
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.handshake = handshake;
        builder.blockDeadline = blockDeadline;
        builder.headersDeadline = headersDeadline;
        builder.pollHeaders = pollHeaders;
        builder.pingAfter = pingAfter;
        builder.pingDeadline = pingDeadline;
        builder.firstBackoff = firstBackoff;
        builder.maxBackoff = maxBackoff;
        builder.lived = lived;
        builder.misbehaviourPause = misbehaviourPause;
        builder.maxTipAge = maxTipAge;
        return builder;
    }

    /// Settings by name.
    public static final class Builder {
        private Duration handshake = Duration.ofSeconds(10);
        private Duration blockDeadline = Duration.ofSeconds(20);
        private Duration headersDeadline = Duration.ofSeconds(15);
        private Duration pollHeaders = Duration.ofSeconds(10);
        private Duration pingAfter = Duration.ofSeconds(60);
        private Duration pingDeadline = Duration.ofSeconds(20);
        private Duration firstBackoff = Duration.ofMillis(200);
        private Duration maxBackoff = Duration.ofSeconds(10);
        private Duration lived = Duration.ofSeconds(60);
        private Duration misbehaviourPause = Duration.ofMinutes(10);
        private Duration maxTipAge = Duration.ofHours(24);

        private Builder() {}

        public Builder handshake(Duration value) {
            handshake = value;
            return this;
        }

        public Builder blockDeadline(Duration value) {
            blockDeadline = value;
            return this;
        }

        public Builder headersDeadline(Duration value) {
            headersDeadline = value;
            return this;
        }

        public Builder pollHeaders(Duration value) {
            pollHeaders = value;
            return this;
        }

        /// When a silent peer is asked whether it is there, and how long it may take to answer.
        public Builder ping(Duration after, Duration deadline) {
            pingAfter = after;
            pingDeadline = deadline;
            return this;
        }

        /// The shortest and the longest wait between two attempts to connect.
        public Builder backoff(Duration first, Duration max) {
            firstBackoff = first;
            maxBackoff = max;
            return this;
        }

        public Builder misbehaviourPause(Duration value) {
            misbehaviourPause = value;
            return this;
        }

        public Builder lived(Duration value) {
            lived = value;
            return this;
        }

        public Builder maxTipAge(Duration value) {
            maxTipAge = value;
            return this;
        }

        public SyncSettings build() {
            return new SyncSettings(
                    handshake,
                    blockDeadline,
                    headersDeadline,
                    pollHeaders,
                    pingAfter,
                    pingDeadline,
                    firstBackoff,
                    maxBackoff,
                    lived,
                    misbehaviourPause,
                    maxTipAge);
        }
    }
}
