package org.tutti.node.daemon;

import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.signing.group.Member;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// Finds members by their peer ids in a DHT, where their configured addresses lead nowhere or there
/// are none.
///
/// This node is a client, as every process that holds signing keys is. Servers name a client that
/// is connected to them to whoever asks for it, with the addresses that it told by identify: so the
/// node stays connected to the servers that its operator named ([DhtServers]). Whoever is found is
/// connected to by the look-up; who it is, the handshake proves, and nothing that a server says is
/// believed beyond that.
///
/// Threads: one virtual thread looks; the host dials.
final class MemberFinder implements AutoCloseable {
    /// @param interval between looks while members are missing; doubled as long as none is found
    record Timing(Duration interval, Duration maxInterval) {
        static final Timing DEFAULT = new Timing(Duration.ofSeconds(1), Duration.ofSeconds(30));
    }

    private final Host host;
    private final Kademlia dht;
    private final List<PeerId> members;
    private final Timing timing;
    private final Thread thread = Thread.ofVirtual().name("find-members").unstarted(this::run);

    /// @param others all members but this node
    MemberFinder(Host host, Kademlia dht, List<Member> others, Timing timing) {
        this.host = host;
        this.dht = dht;
        this.members = others.stream().map(Member::peerId).toList();
        this.timing = timing;
    }

    /// Begins to look. The host must have been started.
    void start() {
        thread.start();
    }

    private void run() {
        Duration interval = timing.interval();
        try {
            while (true) {
                Thread.sleep(interval);
                int missing = missing().size();
                look();
                boolean found = missing().size() < missing;
                Duration doubled = interval.multipliedBy(2);
                interval =
                        missing == 0 || found
                                ? timing.interval()
                                : doubled.compareTo(timing.maxInterval()) < 0
                                        ? doubled
                                        : timing.maxInterval();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The node stops.
        }
    }

    private List<PeerId> missing() {
        return members.stream().filter(member -> !host.isConnected(member)).toList();
    }

    private void look() throws InterruptedException {
        for (PeerId member : missing()) {
            try {
                var _ = dht.findPeer(member);
            } catch (IOException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                // Nobody of the DHT answers: it is tried again.
            }
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
