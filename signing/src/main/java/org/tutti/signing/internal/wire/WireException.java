package org.tutti.signing.internal.wire;

import org.tutti.signing.session.DropReason;

/// A peer sent bytes that are not a valid message of this protocol. They are dropped and counted.
public sealed class WireException extends Exception permits OtherGroupException {
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
