package org.tutti.libp2p.transport.memory;

import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.transport.PeerCheck;
import org.tutti.libp2p.transport.Transport;
import org.tutti.libp2p.transport.TransportContract;
import org.tutti.libp2p.transport.UpgradedTransports;

class UpgradedMemoryTest extends TransportContract {
    private final RawTransport memory = new MemoryNetwork().transport();

    @Override
    protected Transport transport(PrivateKey identity, PeerCheck check) {
        return UpgradedTransports.of(memory, identity, check);
    }

    @Override
    protected Multiaddr anyAddress() {
        return Multiaddr.parse("/memory/0");
    }
}
