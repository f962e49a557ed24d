package org.tutti.libp2p.muxer;

import java.io.IOException;

/// A stream was reset: data may be lost in both directions. The connection lives on.
public final class StreamResetException extends IOException {
    private final boolean byRemote;
    private final long errorCode;

    /// @param byRemote whether the remote did it, for whatever reason; false if we did
    /// @param errorCode what the remote gave as its reason, unsigned 32 bits, 0 for none
    public StreamResetException(boolean byRemote, long errorCode, String detail) {
        super(detail);
        this.byRemote = byRemote;
        this.errorCode = errorCode;
    }

    /// Whether the remote did it; false if we did.
    public boolean byRemote() {
        return byRemote;
    }

    /// What the remote gave as its reason, 0 for none.
    public long errorCode() {
        return errorCode;
    }
}
