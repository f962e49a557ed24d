package org.tutti.libp2p.host;

import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.transport.memory.MemoryNetwork;

class MemoryHostTest extends HostContract {
    private final MemoryNetwork network = new MemoryNetwork();

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
