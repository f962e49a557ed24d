package org.tutti.libp2p.host;

import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.transport.memory.MemoryNetwork;

/// The same over a transport that cuts everything into pieces of 113 bytes.
class TinyChunksHostTest extends HostContract {
    private final MemoryNetwork network = new MemoryNetwork(113);

    @Override
    RawTransport transport() {
        return network.transport();
    }

    @Override
    Multiaddr anyAddress() {
        return Multiaddr.parse("/memory/0");
    }

    @Override
    Multiaddr nobody() {
        return Multiaddr.parse("/memory/7");
    }
}
