package org.tutti.libp2p.requestresponse;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// A request led to no response, although there is a connection to the peer and it supports the
/// protocol: where either is missing, it is a [org.tutti.libp2p.swarm.SwarmException].
public final class RequestException extends IOException {
    /// What went wrong.
    public enum Code {
        /// The exchange took longer than it may. The peer may have done what was asked.
        TIMEOUT,
        /// As many requests of ours to the peer as may be are on their way.
        TOO_MANY_REQUESTS,
        /// The peer reset the stream, ended it early, or left. It may have done what was asked.
        NO_RESPONSE,
        /// The peer's message is longer than it may be, or its length is not properly encoded.
        BAD_MESSAGE
    }

    private final Code code;

    RequestException(Code code, String detail, @Nullable Throwable cause) {
        super(detail, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
