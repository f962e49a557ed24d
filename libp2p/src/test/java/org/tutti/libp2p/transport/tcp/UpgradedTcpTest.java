package org.tutti.libp2p.transport.tcp;

import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.transport.PeerCheck;
import org.tutti.libp2p.transport.Transport;
import org.tutti.libp2p.transport.TransportContract;
import org.tutti.libp2p.transport.UpgradedTransports;

class UpgradedTcpTest extends TransportContract {
    private final TcpTransport tcp = new TcpTransport();

    @Override
    protected Transport transport(PrivateKey identity, PeerCheck check) {
        return UpgradedTransports.of(tcp, identity, check);
    }

    @Override
    protected Multiaddr anyAddress() {
        return Multiaddr.parse("/ip4/127.0.0.1/tcp/0");
    }
}
