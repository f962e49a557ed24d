package org.tutti.libp2p.transport;

/// Makes a transport for a host.
@FunctionalInterface
public interface TransportFactory {
    /// What a host offers to its transports.
    ///
    /// @param upgrader for transports whose own protocol gives bytes alone
    /// @param check to be asked by a transport that authenticates peers itself, as soon as it knows
    ///   who is there; the upgrader asks it already
    record Context(Upgrader upgrader, PeerCheck check) {}

    /// Called once, when the host is built.
    Transport create(Context context);
}
