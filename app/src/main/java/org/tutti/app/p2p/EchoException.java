package org.tutti.app.p2p;

import java.io.IOException;

/// A peer sent back other bytes than it was sent.
final class EchoException extends IOException {
    EchoException(String message) {
        super(message);
    }
}
