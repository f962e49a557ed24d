package org.tutti.libp2p.transport.memory;

import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.io.RawTransportContract;
import org.tutti.libp2p.multiaddr.Multiaddr;

class MemoryContractTest extends RawTransportContract {
    private final RawTransport transport = new MemoryNetwork().transport();

    @Override
    protected RawTransport transport() {
        return transport;
    }

    @Override
    protected Multiaddr anyAddress() {
        return Multiaddr.parse("/memory/0");
    }

    @Override
    protected Multiaddr otherKind() {
        return Multiaddr.parse("/ip4/127.0.0.1/tcp/7");
    }
}
