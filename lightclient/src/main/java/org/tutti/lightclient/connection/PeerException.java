package org.tutti.lightclient.connection;

/// A connection to a peer has ended; [#reason] says why.
public final class PeerException extends Exception {
    private final transient DisconnectReason reason;

    public PeerException(DisconnectReason reason) {
        super(reason.toString());
        this.reason = reason;
    }

    public DisconnectReason reason() {
        return reason;
    }
}
