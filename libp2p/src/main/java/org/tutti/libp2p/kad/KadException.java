package org.tutti.libp2p.kad;

import java.io.IOException;

/// The DHT could not do what was asked.
public final class KadException extends IOException {
    /// Why.
    public enum Code {
        /// No peer is known that could be asked.
        NO_PEERS,
        /// Nobody took the value.
        NOT_STORED,
        /// This host has no address at which a provider could be reached.
        NO_ADDRESS,
        /// As many operations go on as may be.
        TOO_MANY_OPERATIONS,
        /// The host was closed.
        CLOSED
    }

    private final Code code;

    KadException(Code code, String detail) {
        super(detail);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
