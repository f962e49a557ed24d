package org.tutti.libp2p.mdns;

import java.io.IOException;

/// The local network as multicast DNS sees it.
interface MdnsLink extends AutoCloseable {
    /// Takes what arrives, on the link's threads; drops it rather than wait.
    interface Receiver {
        void receive(byte[] packet, MdnsSource source);
    }

    /// Begins to receive.
    ///
    /// @throws IOException if nothing can be received at all
    void open(Receiver receiver) throws IOException;

    /// Looks whether interfaces have come or gone.
    void refresh();

    /// Sends to all on every interface; one that does not take it is left out.
    void send(byte[] packet);

    /// Ends its threads. Idempotent.
    @Override
    void close();
}
