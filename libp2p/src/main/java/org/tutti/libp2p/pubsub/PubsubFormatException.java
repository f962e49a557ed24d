package org.tutti.libp2p.pubsub;

import java.io.IOException;

/// Bytes of a peer that are no message of publish/subscribe, or would take too much memory.
public final class PubsubFormatException extends IOException {
    /// What is wrong with them.
    public enum Code {
        /// Not a protobuf message of the expected kind, or the name of a topic is not UTF-8.
        MALFORMED,
        /// Would take more memory than one RPC may.
        TOO_LARGE,
        /// A name of a topic, or an id, is longer than it may be.
        TOO_LONG
    }

    private final Code code;

    public PubsubFormatException(Code code, String detail) {
        super(detail);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
