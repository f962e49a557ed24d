package org.tutti.libp2p.swarm;

/// Peers that a host keeps connected until this is closed. Safe for all threads.
public interface KeptConnections extends AutoCloseable {
    /// How many of them are connected now.
    int connected();

    /// Dials them no longer; connections stay open. Idempotent.
    @Override
    void close();
}
