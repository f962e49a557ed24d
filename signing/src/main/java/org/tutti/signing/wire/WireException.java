package org.tutti.signing.wire;

/// A peer sent what is not a message of this protocol. It is dropped and counted.
public final class WireException extends Exception {
    private static final long serialVersionUID = 1;

    private final DropReason reason;

    public WireException(DropReason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public DropReason reason() {
        return reason;
    }
}
