package org.tutti.libp2p.io;

import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.transport.TransportException;

import java.io.IOException;
import java.time.Duration;

/// A way to reach addresses of some kind. Safe for all threads.
public interface RawTransport {
    /// Whether `dial` and `listen` know what to do with this address (a trailing `/p2p` is
    /// ignored).
    boolean handles(Multiaddr address);

    /// Opens a connection, waiting at most `timeout` for name resolution and connection together.
    ///
    /// @throws TransportException naming the address and why it cannot be reached
    RawConnection dial(Multiaddr address, Duration timeout) throws IOException;

    /// @throws TransportException naming the address and why it cannot be bound
    RawListener listen(Multiaddr address) throws IOException;
}
