package org.tutti.lightclient.connection;

/// A connection to a peer has ended; [#fault] says why.
public final class PeerException extends Exception {
    private final transient DisconnectReason fault;

    public PeerException(DisconnectReason fault) {
        super(fault.toString());
        this.fault = fault;
    }

    public DisconnectReason fault() {
        return fault;
    }
}
