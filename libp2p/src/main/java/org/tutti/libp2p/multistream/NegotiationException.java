package org.tutti.libp2p.multistream;

import java.io.IOException;

/// The two sides could not agree on a protocol.
public final class NegotiationException extends IOException {
    /// Why not.
    public enum Code {
        /// The other side has none of the protocols that we proposed, or proposed too many that we
        /// do not have.
        NOT_SUPPORTED,
        /// The other side does not speak multistream-select.
        MALFORMED
    }

    private final Code code;

    public NegotiationException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
