package org.tutti.libp2p.transport.tcp;

import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.io.RawTransportContract;
import org.tutti.libp2p.multiaddr.Multiaddr;

class TcpContractTest extends RawTransportContract {
    private final TcpTransport tcp = new TcpTransport();

    @Override
    protected RawTransport transport() {
        return tcp;
    }

    @Override
    protected Multiaddr anyAddress() {
        return Multiaddr.parse("/ip4/127.0.0.1/tcp/0");
    }

    @Override
    protected Multiaddr otherKind() {
        return Multiaddr.parse("/memory/7");
    }
}
