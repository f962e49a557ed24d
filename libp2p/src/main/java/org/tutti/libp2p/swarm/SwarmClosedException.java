package org.tutti.libp2p.swarm;

/// The host is closed, or not started yet. Code `CLOSED`.
public final class SwarmClosedException extends SwarmException {
    public SwarmClosedException() {
        super("CLOSED", "the host is not running", null);
    }
}
