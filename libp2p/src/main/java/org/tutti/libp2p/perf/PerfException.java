package org.tutti.libp2p.perf;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// A measurement came to nothing.
public final class PerfException extends IOException {
    /// What went wrong.
    public enum Code {
        /// It took longer than it may.
        TIMEOUT,
        /// The peer sent other than the number of bytes that was asked for: it misbehaves, or has a
        /// bound below that number.
        WRONG_LENGTH,
        /// The peer sends or wants more bytes than we allow.
        TOO_MANY_BYTES
    }

    private final Code code;

    PerfException(Code code, String detail, @Nullable Throwable cause) {
        super(detail, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
