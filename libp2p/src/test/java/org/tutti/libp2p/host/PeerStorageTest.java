package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerstore.FilePeerStorage;
import org.tutti.libp2p.peerstore.PeerStorage;
import org.tutti.libp2p.peerstore.StoredPeer;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.time.ManualClock;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// What a host remembers of peers from one run to the next.
@Timeout(60)
class PeerStorageTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir private Path folder;

    private final MemoryHosts net = new MemoryHosts();

    @AfterEach
    void close() {
        net.close();
    }

    /// Without any address given by the program, and although bob's is a new port each time.
    @Test
    void aPeerIsFoundAgainAfterARestart() throws Exception {
        PrivateKey key = MemoryHosts.key();
        Path file = folder.resolve("peers");
        Host bob = net.start(net.builder());
        try (Host alice =
                net.builder().identity(key).peerStorage(new FilePeerStorage(file)).build()) {
            alice.start();
            Connection connection = bob.connect(alice.addresses().getFirst());
            assertThat(connection.remotePeer()).isEqualTo(alice.peerId());
            assertThat(bob.ping(alice.peerId())).isPositive();
            alice.awaitIdentified(alice.connections(bob.peerId()).getFirst(), SOON);
        }
        assertThat(file).exists();
        Host alice = net.start(net.builder().identity(key).peerStorage(new FilePeerStorage(file)));
        assertThat(alice.connect(bob.peerId()).remotePeer()).isEqualTo(bob.peerId());
    }

    @Test
    void aDamagedFileStopsNobody() throws Exception {
        Path file = folder.resolve("peers");
        Files.writeString(file, "something else");
        Host alice = net.start(net.builder().peerStorage(new FilePeerStorage(file)));
        assertThat(alice.addresses()).isNotEmpty();
        assertThat(folder.resolve("peers.damaged")).exists();
    }

    private static final class Recording implements PeerStorage {
        final BlockingQueue<List<StoredPeer>> saved = new LinkedBlockingQueue<>();
        final List<StoredPeer> first = new ArrayList<>();
        boolean fails;

        @Override
        public List<StoredPeer> load() throws IOException {
            if (fails) {
                throw new IOException("on purpose");
            }
            return first;
        }

        @Override
        public void save(List<StoredPeer> peers) {
            saved.add(peers);
        }
    }

    @Test
    void whatIsLearntIsSavedEachMinuteAndNothingIsSavedTwice() throws Exception {
        ManualClock clock = new ManualClock();
        Recording storage = new Recording();
        Host alice = net.start(net.builder().timer(clock).clock(clock).peerStorage(storage));
        Host bob = net.start(net.builder());
        alice.awaitIdentified(alice.connect(MemoryHosts.addressOf(bob)), SOON);
        clock.advance(Duration.ofMinutes(1));
        List<StoredPeer> saved = storage.saved.poll(20, TimeUnit.SECONDS);
        assertThat(saved).extracting(StoredPeer::peer).containsExactly(bob.peerId());
        assertThat(saved.getFirst().record()).isPresent();
        alice.close();
        assertThat(storage.saved).as("nothing has changed since").isEmpty();
    }

    @Test
    void whatCannotBeReadIsNotOverwritten() throws Exception {
        Recording storage = new Recording();
        storage.fails = true;
        Host alice = net.start(net.builder().peerStorage(storage));
        Host bob = net.start(net.builder());
        alice.awaitIdentified(alice.connect(MemoryHosts.addressOf(bob)), SOON);
        alice.close();
        assertThat(storage.saved).isEmpty();
    }

    @Test
    void whatTheProgramSaysItselfIsNotSaved() throws Exception {
        Recording storage = new Recording();
        Host alice = net.start(net.builder().peerStorage(storage));
        alice.addAddress(
                MemoryHosts.key().publicKey().peerId(), Multiaddr.parse("/ip4/127.0.0.1/tcp/1"));
        alice.close();
        assertThat(storage.saved.poll(20, TimeUnit.SECONDS)).isEmpty();
    }
}
