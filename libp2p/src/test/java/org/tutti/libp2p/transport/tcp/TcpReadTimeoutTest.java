package org.tutti.libp2p.transport.tcp;

import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.io.ReadTimeoutContract;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.time.Duration;

class TcpReadTimeoutTest extends ReadTimeoutContract {
    @Override
    protected Ends open() throws Exception {
        TcpTransport tcp = new TcpTransport();
        RawListener listener = tcp.listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"));
        RawConnection alice = tcp.dial(listener.addresses().getFirst(), Duration.ofSeconds(10));
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
