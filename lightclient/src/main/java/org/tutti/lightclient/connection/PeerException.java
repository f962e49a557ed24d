package org.tutti.lightclient.connection;

/// A connection to a peer has ended; [#fault] says why.
public final class PeerException extends Exception {
    private final transient PeerFault fault;

    public PeerException(PeerFault fault) {
        super(fault.toString());
        this.fault = fault;
    }

    public PeerFault fault() {
        return fault;
    }
}
