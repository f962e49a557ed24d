package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.DialBackoffException;
import org.tutti.libp2p.swarm.DialFailedException;
import org.tutti.libp2p.swarm.DialOptions;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.time.ManualClock;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// A peer that could not be reached is left alone for a while.
@Timeout(60)
class BackoffTest {
    private final MemoryHosts net = new MemoryHosts();
    private final ManualClock clock = new ManualClock();
    private final PrivateKey bobsKey = MemoryHosts.key();
    private final Multiaddr address = Multiaddr.parse("/memory/4711");
    private Host alice;

    @BeforeEach
    void start() throws Exception {
        alice = net.start(net.builder().timer(clock));
        alice.addAddress(bobsKey.publicKey().peerId(), address);
    }

    @AfterEach
    void close() {
        net.close();
    }

    private Host startBob() throws Exception {
        return net.start(
                Host.builder().identity(bobsKey).transport(net.transport()).listen(address));
    }

    private void dialKnown() throws Exception {
        alice.connect(bobsKey.publicKey().peerId());
    }

    @Test
    void aPeerThatFailedIsNotDialledAtOnceAndTheErrorSaysForHowLong() throws Exception {
        BlockingQueue<SwarmEvent> failures = new LinkedBlockingQueue<>();
        var _ = alice.subscribe(SwarmEvent.DialFailed.class, failures::add);
        assertThatThrownBy(this::dialKnown).isInstanceOf(DialFailedException.class);
        startBob();
        assertThatThrownBy(this::dialKnown)
                .isInstanceOfSatisfying(
                        DialBackoffException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo("DIAL_BACKOFF");
                            assertThat(e.left())
                                    .isBetween(Duration.ofMillis(2_500), Duration.ofSeconds(5));
                        });
        clock.advance(Duration.ofSeconds(5));
        dialKnown();
        // Where nothing was dialled, nothing failed.
        alice.close();
        assertThat(failures).hasSize(1);
    }

    @Test
    void whoNamesAnAddressHasItDialled() throws Exception {
        assertThatThrownBy(this::dialKnown).isInstanceOf(DialFailedException.class);
        Host bob = startBob();
        assertThat(alice.connect(MemoryHosts.addressOf(bob)).isOpen()).isTrue();
    }

    @Test
    void optionsIgnoreIt() throws Exception {
        assertThatThrownBy(this::dialKnown).isInstanceOf(DialFailedException.class);
        Host bob = startBob();
        assertThat(alice.connect(bob.peerId(), DialOptions.defaults().ignoreBackoff()).isOpen())
                .isTrue();
    }

    @Test
    void anotherAddressOfThePeerIsDialled() throws Exception {
        assertThatThrownBy(this::dialKnown).isInstanceOf(DialFailedException.class);
        Host bob =
                net.start(
                        Host.builder()
                                .identity(bobsKey)
                                .transport(net.transport())
                                .listen(Multiaddr.parse("/memory/0")));
        alice.addAddress(bob.peerId(), MemoryHosts.addressOf(bob));
        dialKnown();
    }

    @Test
    void aConnectionClearsIt() throws Exception {
        assertThatThrownBy(this::dialKnown).isInstanceOf(DialFailedException.class);
        Host bob = startBob();
        BlockingQueue<SwarmEvent> closed = new LinkedBlockingQueue<>();
        var _ = alice.subscribe(SwarmEvent.ConnectionClosed.class, closed::add);
        alice.connect(bob.peerId(), List.of(address));
        alice.disconnect(bob.peerId());
        assertThat(closed.take()).isNotNull();
        dialKnown();
    }
}
