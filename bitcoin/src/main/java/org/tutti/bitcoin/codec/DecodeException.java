package org.tutti.bitcoin.codec;

/// Bytes or text from somebody else do not mean what they should. Always the sender's fault, never
/// ours: a caller drops the message, it does not crash.
public final class DecodeException extends Exception {
    /// What was wrong, for counters and for answers to a peer.
    public enum Code {
        /// The bytes end before the value does.
        TRUNCATED,
        /// Bytes are left after the value.
        TRAILING_BYTES,
        /// A CompactSize in a longer form than it needs.
        NON_MINIMAL_SIZE,
        /// A count or length above a named bound, or above what the bytes left can hold.
        TOO_LARGE,
        /// A field that has no such value: an amount above 21 million bitcoin, an unknown flag.
        BAD_VALUE,
        /// A checksum that does not fit.
        BAD_CHECKSUM
    }

    private final Code code;

    public DecodeException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
