package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.peerscore.FilePeerScoreStorage;
import org.tutti.libp2p.peerscore.PeerScoreStorage;
import org.tutti.libp2p.peerscore.StoredPeerScore;
import org.tutti.libp2p.time.ManualClock;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

class PeerScoreStorageTest {
    @TempDir private Path folder;

    private final MemoryHosts net = new MemoryHosts();
    private final PeerId mallory = MemoryHosts.key().publicKey().peerId();

    @AfterEach
    void close() {
        net.close();
    }

    private static class Recording implements PeerScoreStorage {
        final BlockingQueue<List<StoredPeerScore>> saved = new LinkedBlockingQueue<>();

        @Override
        public List<StoredPeerScore> load() throws IOException {
            return List.of();
        }

        @Override
        public void save(List<StoredPeerScore> scores) {
            saved.add(scores);
        }
    }

    @Test
    void whatIsHeldAgainstAPeerIsKnownAfterARestart() throws Exception {
        Path file = folder.resolve("scores");
        Host alice = net.builder().peerScoreStorage(new FilePeerScoreStorage(file)).build();
        alice.start();
        alice.peerScores().penalize(mallory, "FORGED", 100);
        alice.close();
        Host again = net.start(net.builder().peerScoreStorage(new FilePeerScoreStorage(file)));
        assertThat(again.peerScores().score(mallory)).isBetween(-100.001, -99.0);
    }

    /// A host that is killed: it is not closed before another reads its file.
    @Test
    void ofAHostThatIsKilledWhatWasSavedIsKnown() throws Exception {
        ManualClock clock = new ManualClock();
        Path file = folder.resolve("scores");
        Host alice =
                net.start(
                        net.builder()
                                .timer(clock)
                                .clock(clock)
                                .peerScoreStorage(new FilePeerScoreStorage(file)));
        alice.peerScores().penalize(mallory, "FORGED", 100);
        clock.advance(Duration.ofSeconds(10));
        for (int i = 0; i < 200 && new FilePeerScoreStorage(file).load().isEmpty(); i++) {
            Thread.sleep(50);
        }
        assertThat(new FilePeerScoreStorage(file).load())
                .extracting(StoredPeerScore::peer)
                .containsExactly(mallory);
    }

    @Test
    void manyPenaltiesAreOneWriteInTenSecondsAndNothingIsSavedTwice() throws Exception {
        ManualClock clock = new ManualClock();
        Recording storage = new Recording();
        Host alice = net.start(net.builder().timer(clock).clock(clock).peerScoreStorage(storage));
        for (int i = 0; i < 1_000; i++) {
            alice.peerScores().penalize(mallory, "FLOOD", 1);
            clock.advance(Duration.ofMillis(9));
        }
        assertThat(storage.saved).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        assertThat(storage.saved.poll(20, TimeUnit.SECONDS)).hasSize(1);
        alice.close();
        assertThat(storage.saved).as("nothing has changed since").isEmpty();
    }

    @Test
    void whatCannotBeReadIsNotOverwritten() throws Exception {
        Recording storage =
                new Recording() {
                    @Override
                    public List<StoredPeerScore> load() throws IOException {
                        throw new IOException("on purpose");
                    }
                };
        Host alice = net.start(net.builder().peerScoreStorage(storage));
        alice.peerScores().penalize(mallory, "FORGED", 100);
        alice.close();
        assertThat(storage.saved).isEmpty();
    }
}
