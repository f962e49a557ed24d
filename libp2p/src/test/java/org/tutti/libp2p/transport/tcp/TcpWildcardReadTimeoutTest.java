package org.tutti.libp2p.transport.tcp;

import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.io.ReadTimeoutContract;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Protocol;

import java.time.Duration;

/// What a listener on all IPv4 addresses accepts is a socket of another kind.
class TcpWildcardReadTimeoutTest extends ReadTimeoutContract {
    @Override
    protected Ends open() throws Exception {
        TcpTransport tcp = new TcpTransport();
        RawListener listener = tcp.listen(Multiaddr.parse("/ip4/0.0.0.0/tcp/0"));
        String port = listener.addresses().getFirst().component(Protocol.TCP).orElseThrow().text();
        RawConnection alice =
                tcp.dial(Multiaddr.parse("/ip4/127.0.0.1/tcp/" + port), Duration.ofSeconds(10));
        RawConnection bob = listener.accept();
        return new Ends(
                alice,
                bob,
                bob::close,
                () -> {
                    listener.close();
                    alice.close();
                    bob.close();
                });
    }
}
