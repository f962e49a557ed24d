package org.tutti.lightclient.headers;

/// The headers cannot be kept or read: the environment failed, or the operator must decide. No peer
/// is at fault.
public final class HeaderStoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// What is wrong.
    public enum Code {
        /// Another process has the same folder open.
        LOCKED,
        /// The folder, or a file in it, may not be written.
        READ_ONLY,
        /// The disk is full.
        DISK_FULL,
        /// The headers of another network, or with another start, are there.
        OTHER_CHAIN,
        /// A file that this version does not know, or whose beginning is damaged.
        UNSUPPORTED,
        /// An earlier failure left the store unusable until it is opened anew.
        BROKEN,
        /// Another failure of reading or writing.
        IO
    }

    private final Code code;

    public HeaderStoreException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public HeaderStoreException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
