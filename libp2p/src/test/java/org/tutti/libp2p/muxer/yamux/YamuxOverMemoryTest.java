package org.tutti.libp2p.muxer.yamux;

import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.muxer.MuxedConnection;
import org.tutti.libp2p.muxer.MuxerContract;
import org.tutti.libp2p.security.Plain;
import org.tutti.libp2p.transport.memory.MemoryNetwork;

import java.time.Duration;
import java.util.List;

/// Over the transport that tests of whole networks use.
class YamuxOverMemoryTest extends MuxerContract {
    @Override
    protected List<MuxedConnection> connect() throws Exception {
        RawTransport memory = new MemoryNetwork().transport();
        YamuxMuxer muxer = new YamuxMuxer();
        try (RawListener listener = memory.listen(Multiaddr.parse("/memory/0"))) {
            RawConnection dialled =
                    memory.dial(listener.addresses().getFirst(), Duration.ofSeconds(10));
            return List.of(
                    muxer.open(new Plain(dialled), true),
                    muxer.open(new Plain(listener.accept()), false));
        }
    }
}
