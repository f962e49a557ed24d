package org.tutti.libp2p.transport.memory;

import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.io.ReadTimeoutContract;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.time.Duration;

class MemoryReadTimeoutTest extends ReadTimeoutContract {
    @Override
    protected Ends open() throws Exception {
        RawTransport transport = new MemoryNetwork().transport();
        RawListener listener = transport.listen(Multiaddr.parse("/memory/0"));
        RawConnection alice =
                transport.dial(listener.addresses().getFirst(), Duration.ofSeconds(10));
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
