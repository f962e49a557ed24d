package org.tutti.node.daemon;

import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.WantedPeers;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// Keeps this node connected to the servers of the DHT that its operator named, and in the DHT as
/// long as one of them is there.
///
/// Threads: one that looks from time to time whether anybody of the DHT is known.
final class DhtServers implements AutoCloseable {
    private static final String TAG = "dht";

    /// @param interval between looks while nobody is known; doubled as long as nobody answers
    record Timing(Duration interval, Duration maxInterval) {
        static final Timing DEFAULT = new Timing(Duration.ofSeconds(1), Duration.ofSeconds(30));
    }

    private final Host host;
    private final Kademlia dht;
    private final List<Multiaddr> bootstrap;
    private final Timing timing;
    private final Thread thread = Thread.ofVirtual().name("dht-servers").unstarted(this::run);
    private AutoCloseable kept = () -> {};

    /// @param bootstrap servers, each address with its `/p2p` part
    DhtServers(Host host, Kademlia dht, List<Multiaddr> bootstrap, Timing timing) {
        this.host = host;
        this.dht = dht;
        this.bootstrap = List.copyOf(bootstrap);
        this.timing = timing;
    }

    /// Begins. The host must have been started.
    void start() {
        WantedPeers.Builder wanted =
                WantedPeers.builder().backoff(timing.interval(), timing.maxInterval());
        for (Multiaddr address : bootstrap) {
            wanted.peer(address.peerId().orElseThrow(), List.of(address.withoutPeerId()));
        }
        kept = host.keepConnected(TAG, wanted.build());
        thread.start();
    }

    private void run() {
        Duration interval = timing.interval();
        try {
            while (true) {
                if (dht.knownPeers().isEmpty() && !join()) {
                    Duration doubled = interval.multipliedBy(2);
                    interval =
                            doubled.compareTo(timing.maxInterval()) < 0
                                    ? doubled
                                    : timing.maxInterval();
                } else {
                    interval = timing.interval();
                }
                Thread.sleep(interval);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The node stops.
        }
    }

    private boolean join() throws InterruptedException {
        try {
            return dht.bootstrap(bootstrap) > 0;
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return false; // Nobody of the DHT answers: it is tried again.
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            kept.close();
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            // It ends with the host at the latest.
        }
    }
}
