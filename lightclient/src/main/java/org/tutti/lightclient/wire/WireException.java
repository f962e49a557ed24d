package org.tutti.lightclient.wire;

import java.io.IOException;

/// The peer sent bytes that no honest peer sends, or stopped in the middle of a frame. The stream
/// cannot be trusted any more: close it.
public final class WireException extends IOException {
    /// What was wrong.
    public enum Code {
        /// The frame does not start with this network's magic.
        WRONG_MAGIC,
        /// The frame starts with the magic of another network.
        OTHER_NETWORK,
        /// Not a frame but the answer of a web server, as a node's RPC port gives.
        HTTP,
        /// The command is not printable ASCII padded with zeros.
        BAD_COMMAND,
        /// The announced payload is above the bound of its command.
        OVERSIZED,
        /// The payload does not have the announced checksum.
        BAD_CHECKSUM,
        /// The payload is not what its command says.
        MALFORMED,
        /// The stream ended inside a frame.
        TRUNCATED,
        /// A frame was begun and not finished in time.
        STALLED
    }

    private final Code code;

    public WireException(Code code, String detail) {
        super(code + ": " + detail);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
