package org.tutti.libp2p.internal.upgrade;

import org.tutti.libp2p.io.ForwardingConnection;
import org.tutti.libp2p.io.RawConnection;

import java.io.IOException;

/// A connection whose reads give one byte each.
final class OneByteAtATime extends ForwardingConnection {
    OneByteAtATime(RawConnection inner) {
        super(inner);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        return super.read(target, offset, Math.min(1, length));
    }
}
