package org.tutti.libp2p.io;

import java.io.IOException;

/// The other side sent a length that the protocol does not allow.
public final class FrameException extends IOException {
    public FrameException(String message) {
        super(message);
    }
}
