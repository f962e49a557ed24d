package org.tutti.signing.journal;

import java.io.IOException;

/// The journal cannot be used. The environment failed or the operator must decide; no peer is at
/// fault.
public final class JournalException extends IOException {
    private static final long serialVersionUID = 1;

    /// What is wrong.
    public enum Code {
        /// Another process has the same data folder open.
        LOCKED,
        /// A journal of a version that was never released, which is not converted.
        UNSUPPORTED_VERSION,
        /// Bytes before the end differ from what was written.
        CORRUPT,
        /// An entry larger than any this program writes.
        TOO_LARGE,
        /// The file could not be read or written.
        IO
    }

    private final Code code;

    public JournalException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
