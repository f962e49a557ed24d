package org.tutti.libp2p.security;

import java.io.IOException;

/// A secured connection cannot go on; it is closed.
public final class ChannelException extends IOException {
    /// What went wrong.
    public enum Code {
        /// The remote, or somebody between, sent a frame that does not decrypt.
        BAD_CIPHERTEXT,
        /// The remote sent a frame that is too short to be one.
        BAD_LENGTH,
        /// The remote sends frames that carry nothing, more than any honest peer would.
        FLOOD,
        /// The connection ended within a frame.
        TRUNCATED,
        /// There is no memory for a frame of the remote's: those that it sent before took it all.
        NO_MEMORY,
        /// As many frames were sent as there are nonces; going on would reuse one.
        NONCES_EXHAUSTED
    }

    private final Code code;

    /// @param detail a sentence for a person; holds no secrets
    public ChannelException(Code code, String detail) {
        super(detail);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
