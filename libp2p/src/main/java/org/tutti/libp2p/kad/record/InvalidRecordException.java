package org.tutti.libp2p.kad.record;

/// A value that does not belong under its key: whoever sent it is at fault, or keeps old things.
public final class InvalidRecordException extends Exception {
    /// What is wrong.
    public enum Code {
        /// The key is not `/NAMESPACE/…`, or its rest is not what the namespace has there.
        MALFORMED_KEY,
        /// No validator for the namespace.
        UNKNOWN_NAMESPACE,
        TOO_LARGE,
        /// Not a record, or not in its one encoding.
        MALFORMED,
        /// Of a version that we do not know.
        VERSION,
        /// Of another network.
        NETWORK,
        /// Of another namespace than the key's.
        NAMESPACE,
        /// Signed by another than the author, or with a wrong signature.
        SIGNATURE,
        /// Belongs under another key.
        WRONG_KEY,
        /// Made in the future.
        FUTURE,
        EXPIRED
    }

    private final Code code;

    public InvalidRecordException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
