package org.tutti.libp2p.internal.kad;

import java.io.IOException;

/// A message breaks the protocol.
public final class KadFormatException extends IOException {
    KadFormatException(String message) {
        super(message);
    }
}
