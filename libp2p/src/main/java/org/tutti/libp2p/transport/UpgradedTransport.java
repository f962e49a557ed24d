package org.tutti.libp2p.transport;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// A transport that gives bytes alone, such as TCP, and the upgrader that makes more of them.
///
/// @param raw opens connections on which nothing was said yet
public record UpgradedTransport(RawTransport raw, Upgrader upgrader) implements Transport {
    @Override
    public boolean handles(Multiaddr address) {
        return raw.handles(address);
    }

    @Override
    public CapableConnection dial(Multiaddr address, PeerId peer, Duration timeout)
            throws IOException {
        return upgrader.outbound(raw.dial(address, timeout), peer);
    }

    @Override
    public Listener listen(Multiaddr address) throws IOException {
        return new UpgradingListener(raw.listen(address), upgrader);
    }

    private record UpgradingListener(RawListener raw, Upgrader upgrader) implements Listener {
        @Override
        public PendingConnection accept() throws IOException {
            return new Accepted(raw.accept(), upgrader);
        }

        @Override
        public List<Multiaddr> addresses() {
            return raw.addresses();
        }

        @Override
        public void close() {
            raw.close();
        }
    }

    private record Accepted(RawConnection raw, Upgrader upgrader) implements PendingConnection {
        @Override
        public Multiaddr localAddress() {
            return raw.localAddress();
        }

        @Override
        public Multiaddr remoteAddress() {
            return raw.remoteAddress();
        }

        @Override
        public CapableConnection upgrade() throws IOException {
            return upgrader.inbound(raw);
        }

        @Override
        public void close() {
            raw.close();
        }
    }
}
