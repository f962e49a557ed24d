package org.tutti.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.time.ManualClock;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

@Timeout(60)
class KadPersistenceTest {
    private final ManualClock clock = new ManualClock();
    private final BlockingQueue<List<KadPeer>> saved = new LinkedBlockingQueue<>();
    private final List<KadPeer> loaded = new ArrayList<>();
    private volatile List<KadPeer> known = List.of();

    private static KadPeer peer() {
        return new KadPeer(
                MemoryHosts.key().publicKey().peerId(), List.of(Multiaddr.parse("/memory/1")));
    }

    private KadPersistence of(List<KadPeer> before) {
        RoutingTableStorage storage =
                new RoutingTableStorage() {
                    @Override
                    public List<KadPeer> load() {
                        return before;
                    }

                    @Override
                    public void save(List<KadPeer> peers) {
                        saved.add(peers);
                    }
                };
        return KadPersistence.ofPeers(storage, clock, () -> known, loaded::addAll);
    }

    @Test
    void whatHasChangedIsSavedAndNothingByANodeThatIsCutOff() throws Exception {
        List<KadPeer> before = List.of(peer());
        KadPersistence persistence = of(before);
        known = List.of(peer(), peer());
        persistence.start();
        // Reads before it saves anything.
        while (saved.isEmpty()) {
            clock.advance(KadPersistence.PEERS_INTERVAL);
        }
        assertThat(saved.take()).isEqualTo(known);
        assertThat(loaded).isEqualTo(before);
        known = List.of();
        persistence.stop();
        assertThat(saved).isEmpty();
    }

    @Test
    void whatIsKnownAtTheEndIsSavedAsMuchAsMayBe() {
        KadPersistence persistence = of(List.of());
        persistence.start();
        List<KadPeer> many = new ArrayList<>();
        KadPeer one = peer();
        for (int i = 0; i <= RoutingTableStorage.MAX_PEERS; i++) {
            many.add(one);
        }
        known = many;
        while (saved.isEmpty()) {
            clock.advance(KadPersistence.PEERS_INTERVAL);
        }
        assertThat(saved.remove()).hasSize(RoutingTableStorage.MAX_PEERS);
        known = List.of(one);
        persistence.stop();
        assertThat(saved).containsExactly(List.of(one));
    }
}
