package org.tutti.libp2p.muxer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// A muxed connection has ended, or cannot do what was asked of it.
public final class MuxerException extends IOException {
    /// Whose fault it is.
    public enum Culprit {
        LOCAL,
        REMOTE,
        ENVIRONMENT
    }

    /// What happened.
    public enum Code {
        /// We closed the connection.
        CLOSED(Culprit.LOCAL),
        /// The bound on open streams is reached; the connection lives on.
        TOO_MANY_STREAMS(Culprit.LOCAL),
        /// All stream ids of this connection are used up; the connection lives on.
        STREAM_IDS_EXHAUSTED(Culprit.LOCAL),
        /// The remote ended the connection without a go-away frame.
        REMOTE_CLOSED(Culprit.REMOTE),
        /// The remote sent a go-away frame.
        GO_AWAY(Culprit.REMOTE),
        /// The remote sent what the protocol does not allow.
        PROTOCOL_VIOLATION(Culprit.REMOTE),
        /// The remote sends more control frames than any honest peer would.
        FLOOD(Culprit.REMOTE),
        /// The remote makes us hold more than there is memory for.
        RECEIVE_MEMORY(Culprit.REMOTE),
        /// The remote did not answer a keep-alive ping in time.
        KEEP_ALIVE_TIMEOUT(Culprit.REMOTE),
        /// The remote stopped taking data from the connection for too long.
        WRITE_STALLED(Culprit.REMOTE),
        /// The connection underneath failed.
        TRANSPORT_FAILED(Culprit.ENVIRONMENT);

        private final Culprit culprit;

        Code(Culprit culprit) {
            this.culprit = culprit;
        }

        public Culprit culprit() {
            return culprit;
        }
    }

    private final Code code;

    public MuxerException(Code code, String detail) {
        this(code, detail, null);
    }

    /// @param cause what failed underneath, if anything
    public MuxerException(Code code, String detail, @Nullable Throwable cause) {
        super(detail, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
