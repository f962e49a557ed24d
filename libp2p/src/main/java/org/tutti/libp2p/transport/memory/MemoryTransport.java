package org.tutti.libp2p.transport.memory;

import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Protocol;
import org.tutti.libp2p.transport.TransportException;
import org.tutti.libp2p.transport.TransportException.Code;

import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;

/// Dials and listens within one `MemoryNetwork`.
final class MemoryTransport implements RawTransport {
    private final MemoryNetwork network;

    MemoryTransport(MemoryNetwork network) {
        this.network = network;
    }

    @Override
    public boolean handles(Multiaddr address) {
        return port(address).isPresent();
    }

    @Override
    public RawConnection dial(Multiaddr address, Duration timeout) throws IOException {
        return network.dial(address, require(address));
    }

    @Override
    public RawListener listen(Multiaddr address) throws IOException {
        return network.listen(address, require(address));
    }

    private static long require(Multiaddr address) throws TransportException {
        return port(address)
                .orElseThrow(() ->
                        new TransportException(Code.UNSUPPORTED_ADDRESS, address, "not in memory"));
    }

    private static OptionalLong port(Multiaddr address) {
        Multiaddr bare = address.withoutPeerId();
        if (bare.components().size() != 1
                || bare.components().getFirst().protocol() != Protocol.MEMORY) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Long.parseLong(bare.components().getFirst().text()));
    }
}
