package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Protocol;
import org.tutti.libp2p.transport.TransportException;

/// An address that a host is asked to listen on.
final class ListenAddress {
    private ListenAddress() {}

    /// The address without our own id at its end.
    ///
    /// @throws TransportException if it ends in the id of another peer, or in something that is no
    ///   peer id: whoever wrote it meant another host, or mistyped
    static Multiaddr check(Multiaddr address, PeerId self) throws TransportException {
        boolean named =
                !address.isEmpty() && address.components().getLast().protocol() == Protocol.P2P;
        if (named && !address.peerId().map(self::equals).orElse(false)) {
            throw new TransportException(
                    TransportException.Code.UNSUPPORTED_ADDRESS,
                    address,
                    "an address of another peer: this host is " + self);
        }
        return address.withoutPeerId();
    }
}
