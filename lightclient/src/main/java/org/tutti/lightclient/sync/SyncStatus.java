package org.tutti.lightclient.sync;

import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.lightclient.peers.PeerManager;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// How far a light client is, and what holds it back.
///
/// @param at when this was so
/// @param phase what it is doing
/// @param height of the best chain of headers
/// @param tip hash of its last header
/// @param tipTime the time in that header
/// @param chainWork of that header and all below it
/// @param blockHeight of the last block that was checked and told; that of the headers where no
///   blocks are fetched
/// @param agreeing how many connected peers have the tip, or its parent, as the end of their chain
/// @param verified whether all connected peers have answered since we caught up with one, and at
///   least one agrees
/// @param isFresh whether payments can be judged by this chain now: it follows peers that agree,
///   its blocks are checked to the end, and the last block is not too old
/// @param obstacles what holds the tip back, or makes it doubtful; empty where nothing does
/// @param progress how fast it goes
/// @param peers all endpoints
public record SyncStatus(
        Instant at,
        Phase phase,
        int height,
        BlockHash tip,
        Instant tipTime,
        BigInteger chainWork,
        int blockHeight,
        int agreeing,
        boolean verified,
        boolean isFresh,
        List<Obstacle> obstacles,
        Progress progress,
        List<PeerInfo> peers) {
    public SyncStatus {
        obstacles = List.copyOf(obstacles);
        peers = List.copyOf(peers);
    }

    /// What a client is doing.
    public enum Phase {
        /// No peer is connected.
        CONNECTING,
        /// One peer's headers are fetched.
        HEADERS,
        /// Blocks are fetched up to the last header.
        BLOCKS,
        /// All that peers announce is followed.
        FOLLOWING
    }

    /// Something that holds the tip back.
    ///
    /// @param detail for people, one line
    public record Obstacle(Code code, String detail) {
        /// What it is.
        public enum Code {
            /// No peer is connected.
            NO_PEER,
            /// Peers are connected, but none answers questions for headers.
            PEERS_SILENT,
            /// No peer has shown a chain with the work that the network's has at least.
            NO_MINIMUM_WORK,
            /// No connected peer has the end of our chain.
            NOBODY_AGREES,
            /// The next header is more than two hours ahead of our clock.
            FUTURE_HEADER,
            /// Most peers' clocks differ from ours.
            CLOCK_DIFFERS,
            /// The blocks above the last one are not delivered.
            BLOCKS_MISSING,
            /// Headers cannot be stored: the disk is full.
            DISK_FULL
        }

        @Override
        public String toString() {
            return code + ": " + detail;
        }
    }

    /// How fast it goes.
    ///
    /// @param headersPerSecond over the last seconds
    /// @param blocksPerSecond over the last seconds
    /// @param bytes read from all peers so far
    /// @param headers how many were stored so far, those of branches that are not the best included
    /// @param left how long it will take to the end by the clock and this speed; absent where
    ///   nobody can say
    public record Progress(
            double headersPerSecond,
            double blocksPerSecond,
            long bytes,
            long headers,
            Optional<Duration> left) {}

    /// An endpoint.
    ///
    /// @param name as configured
    /// @param userAgent what it calls itself; empty where it is not connected
    /// @param height of the header of most work that it has shown; -1 where it has shown none
    /// @param agrees whether its chain ends with our tip, or the tip's parent
    /// @param isSyncPeer whether its headers are fetched now
    /// @param penalty what it has against it; 0 is best
    /// @param last why its last connection, or attempt, ended
    public record PeerInfo(
            String name,
            PeerManager.State state,
            String userAgent,
            int height,
            boolean agrees,
            boolean isSyncPeer,
            int penalty,
            Optional<String> last) {}

    /// How old the last block is by its header.
    public Duration tipAge() {
        return Duration.between(tipTime, at);
    }

    /// How many peers are connected.
    public int connected() {
        return (int)
                peers.stream().filter(peer -> peer.state() == PeerManager.State.CONNECTED).count();
    }
}
