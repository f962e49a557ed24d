package org.tutti.libp2p.swarm;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// The swarm could not do what was asked. The subclass and `code` say why.
public abstract sealed class SwarmException extends IOException
        permits DialFailedException,
                DialBackoffException,
                WrongPeerException,
                GatedException,
                LimitExceededException,
                NotConnectedException,
                ProtocolNotSupportedException,
                SwarmClosedException {

    private final String code;

    SwarmException(String code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /// A stable upper-case name for programs, such as `DIAL_FAILED`.
    public String code() {
        return code;
    }
}
