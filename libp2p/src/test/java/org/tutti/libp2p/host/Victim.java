package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.transport.tcp.TcpTransport;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A host on a socket, what it says of what happens, and whether it still serves others.
final class Victim implements AutoCloseable {
    static final TcpTransport TCP = new TcpTransport();

    final Host host;
    private final BlockingQueue<HostEvent> events = new LinkedBlockingQueue<>();

    Victim(HostBuilder builder) throws IOException {
        host =
                builder.identity(key())
                        .transport(TCP)
                        .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                        .build();
        var _ = host.subscribe(HostEvent.class, events::add);
        host.start();
    }

    static PrivateKey key() {
        return Keys.generate(KeyType.ED25519, new SecureRandom());
    }

    Multiaddr address() {
        return host.addresses().getFirst();
    }

    RawConnection dial() throws IOException {
        return ScriptedPeer.raw(TCP, address());
    }

    <T extends HostEvent> T next(Class<T> type) throws InterruptedException {
        while (true) {
            HostEvent event = events.poll(20, TimeUnit.SECONDS);
            assertThat(event).as("waiting for " + type.getSimpleName()).isNotNull();
            if (type.isInstance(event)) {
                return type.cast(event);
            }
        }
    }

    void assertServesOthers() throws IOException {
        try (Host bob = Host.builder().identity(key()).transport(TCP).build()) {
            bob.start();
            bob.connect(address());
            assertThat(bob.ping(host.peerId())).isPositive();
        }
    }

    /// Reads until the other side has ended the connection, well or with a reset.
    static void assertEnded(RawConnection raw) {
        byte[] rest = new byte[4096];
        try {
            int count = raw.read(rest, 0, rest.length);
            while (count >= 0) {
                count = raw.read(rest, 0, rest.length);
            }
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("still open", e);
        } catch (IOException e) {
            // Reset: it had not read all that we sent.
        }
    }

    @Override
    public void close() {
        host.close();
        assertThat(host.runningThreads()).isZero();
    }
}
