package org.tutti.libp2p.swarm;

import java.time.Duration;

/// Every bound of a swarm. Start from `defaults()` and change what you need with the `with…`
/// methods.
///
/// @param maxHalfOpen inbound connections at once whose upgrade has not finished
/// @param maxHalfOpenPerHost the same, from one remote IP address (one memory address in tests)
/// @param maxConnections open connections in all
/// @param maxConnectionsPerPeer open connections to one peer; above it the oldest one without
///   streams is closed for the new one, or the new one if all carry streams. Two peers that dial
///   one another at the same moment keep both connections, so at least 2
/// @param maxStreamsPerConnection inbound streams of one connection that are served at once, one
///   more is reset; and open streams in both directions together above which we open no more
/// @param maxInboundStreamsPerProtocol open inbound streams of one peer for one protocol that does
///   not say otherwise
/// @param maxDials peers dialled at once
/// @param maxAddressesPerDial addresses tried for one peer, the rest is ignored
/// @param maxPendingEvents events waiting for one slow subscriber; above it events are dropped and
///   counted
/// @param maxStoredPeers peers whose addresses and identify answers are remembered
/// @param dialTimeout for one address until the transport is connected
/// @param upgradeTimeout from accepted or connected until streams can be opened, all reads and
///   writes together
/// @param negotiationTimeout for agreeing on the protocol of one stream
public record ResourceLimits(
        int maxHalfOpen,
        int maxHalfOpenPerHost,
        int maxConnections,
        int maxConnectionsPerPeer,
        int maxStreamsPerConnection,
        int maxInboundStreamsPerProtocol,
        int maxDials,
        int maxAddressesPerDial,
        int maxPendingEvents,
        int maxStoredPeers,
        Duration dialTimeout,
        Duration upgradeTimeout,
        Duration negotiationTimeout) {

    public ResourceLimits {
        positive(maxHalfOpen, "maxHalfOpen");
        positive(maxHalfOpenPerHost, "maxHalfOpenPerHost");
        positive(maxConnections, "maxConnections");
        if (maxConnectionsPerPeer < 2) {
            throw new IllegalArgumentException("maxConnectionsPerPeer must be at least 2");
        }
        positive(maxStreamsPerConnection, "maxStreamsPerConnection");
        positive(maxInboundStreamsPerProtocol, "maxInboundStreamsPerProtocol");
        positive(maxDials, "maxDials");
        positive(maxAddressesPerDial, "maxAddressesPerDial");
        positive(maxPendingEvents, "maxPendingEvents");
        positive(maxStoredPeers, "maxStoredPeers");
        positive(dialTimeout, "dialTimeout");
        positive(upgradeTimeout, "upgradeTimeout");
        positive(negotiationTimeout, "negotiationTimeout");
    }

    /// What a signer node needs with room to spare. go resets a silent client after 15 s and keeps
    /// 8 connections of one peer; so do we.
    public static ResourceLimits defaults() {
        return new ResourceLimits(
                256,
                64,
                1_024,
                8,
                256,
                32,
                64,
                16,
                1_024,
                1_024,
                Duration.ofSeconds(10),
                Duration.ofSeconds(15),
                Duration.ofSeconds(10));
    }

    private static void positive(int value, String name) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be at least 1");
        }
    }

    private static void positive(Duration value, String name) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be positive");
        }
    }

    public ResourceLimits withHalfOpen(int total, int perHost) {
        return new ResourceLimits(
                total,
                perHost,
                maxConnections,
                maxConnectionsPerPeer,
                maxStreamsPerConnection,
                maxInboundStreamsPerProtocol,
                maxDials,
                maxAddressesPerDial,
                maxPendingEvents,
                maxStoredPeers,
                dialTimeout,
                upgradeTimeout,
                negotiationTimeout);
    }

    public ResourceLimits withConnections(int total, int perPeer) {
        return new ResourceLimits(
                maxHalfOpen,
                maxHalfOpenPerHost,
                total,
                perPeer,
                maxStreamsPerConnection,
                maxInboundStreamsPerProtocol,
                maxDials,
                maxAddressesPerDial,
                maxPendingEvents,
                maxStoredPeers,
                dialTimeout,
                upgradeTimeout,
                negotiationTimeout);
    }

    public ResourceLimits withStreams(int perConnection, int inboundPerProtocol) {
        return new ResourceLimits(
                maxHalfOpen,
                maxHalfOpenPerHost,
                maxConnections,
                maxConnectionsPerPeer,
                perConnection,
                inboundPerProtocol,
                maxDials,
                maxAddressesPerDial,
                maxPendingEvents,
                maxStoredPeers,
                dialTimeout,
                upgradeTimeout,
                negotiationTimeout);
    }

    public ResourceLimits withDials(int peers, int addressesPerDial) {
        return new ResourceLimits(
                maxHalfOpen,
                maxHalfOpenPerHost,
                maxConnections,
                maxConnectionsPerPeer,
                maxStreamsPerConnection,
                maxInboundStreamsPerProtocol,
                peers,
                addressesPerDial,
                maxPendingEvents,
                maxStoredPeers,
                dialTimeout,
                upgradeTimeout,
                negotiationTimeout);
    }

    public ResourceLimits withMemory(int pendingEvents, int storedPeers) {
        return new ResourceLimits(
                maxHalfOpen,
                maxHalfOpenPerHost,
                maxConnections,
                maxConnectionsPerPeer,
                maxStreamsPerConnection,
                maxInboundStreamsPerProtocol,
                maxDials,
                maxAddressesPerDial,
                pendingEvents,
                storedPeers,
                dialTimeout,
                upgradeTimeout,
                negotiationTimeout);
    }

    public ResourceLimits withTimeouts(Duration dial, Duration upgrade, Duration negotiation) {
        return new ResourceLimits(
                maxHalfOpen,
                maxHalfOpenPerHost,
                maxConnections,
                maxConnectionsPerPeer,
                maxStreamsPerConnection,
                maxInboundStreamsPerProtocol,
                maxDials,
                maxAddressesPerDial,
                maxPendingEvents,
                maxStoredPeers,
                dial,
                upgrade,
                negotiation);
    }
}
