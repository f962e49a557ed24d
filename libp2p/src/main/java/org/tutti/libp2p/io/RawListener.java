package org.tutti.libp2p.io;

import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/// Waits for inbound connections.
public interface RawListener extends Closeable {
    /// Waits for the next inbound connection. Failures of a single connection are not reported.
    ///
    /// @throws java.nio.channels.ClosedChannelException after `close`
    RawConnection accept() throws IOException;

    /// The addresses that were really bound: a port 0 is resolved, an unspecified host stays as it
    /// is.
    List<Multiaddr> addresses();

    /// Stops listening and wakes a blocked `accept`. Connections that were accepted stay open.
    @Override
    void close();
}
