package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.transport.memory.MemoryNetwork;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Hosts on one network in memory, closed together, none leaving a thread.
public final class MemoryHosts implements AutoCloseable {
    private final MemoryNetwork network = new MemoryNetwork();
    private final List<Host> hosts = new ArrayList<>();

    public RawTransport transport() {
        return network.transport();
    }

    public static PrivateKey key() {
        return Keys.generate(KeyType.ED25519, new SecureRandom());
    }

    public HostBuilder builder() {
        return Host.builder()
                .identity(key())
                .transport(network.transport())
                .listen(Multiaddr.parse("/memory/0"));
    }

    /// A host over this transport alone.
    public static HostBuilder over(RawTransport transport) {
        return Host.builder()
                .identity(key())
                .transport(transport)
                .listen(Multiaddr.parse("/memory/0"));
    }

    public Host start(HostBuilder builder) throws IOException {
        Host host = builder.build();
        hosts.add(host);
        host.start();
        return host;
    }

    public static Multiaddr addressOf(Host host) {
        return host.addresses().getFirst();
    }

    public static BlockingQueue<HostEvent> events(Host host) {
        BlockingQueue<HostEvent> queue = new LinkedBlockingQueue<>();
        var _ = host.subscribe(HostEvent.class, queue::add);
        return queue;
    }

    public static <T extends HostEvent> T next(BlockingQueue<HostEvent> events, Class<T> type)
            throws InterruptedException {
        while (true) {
            HostEvent event = events.poll(20, TimeUnit.SECONDS);
            assertThat(event).as("waiting for " + type.getSimpleName()).isNotNull();
            if (type.isInstance(event)) {
                return type.cast(event);
            }
        }
    }

    @Override
    public void close() {
        hosts.forEach(Host::close);
        assertThat(hosts).allSatisfy(h -> assertThat(h.runningThreads()).isZero());
    }
}
