package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.identify.Identified;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.SwarmEvent;

import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;

/// A host that is closed while it says who it is.
@Timeout(60)
class LastIdentifyTest {
    private final MemoryHosts hosts = new MemoryHosts();
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch answer = new CountDownLatch(1);

    @AfterEach
    void close() {
        answer.countDown();
        hosts.close();
    }

    /// The time of the peer record, which is asked for before it is signed.
    private Instant time() {
        asked.countDown();
        try {
            answer.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Instant.EPOCH;
    }

    @Test
    void whoeverAskedBeforeTheCloseGetsItsAnswer() throws Exception {
        Host slow = hosts.start(hosts.builder().clock(this::time));
        Host asks = hosts.start(hosts.builder());
        // Not by the connection, which is closed as soon as the answer has left.
        BlockingQueue<HostEvent> events = MemoryHosts.events(asks);
        var _ = asks.connect(MemoryHosts.addressOf(slow));
        asked.await();
        Thread closing = Thread.ofPlatform().start(slow::close);
        // Where it waits for the answer, or, with its connections closed, for its threads.
        while (closing.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        answer.countDown();
        assertThat(MemoryHosts.next(events, Identified.class).info().peer())
                .isEqualTo(slow.peerId());
        closing.join();
    }

    /// One that hangs holds nobody up for long.
    @Test
    void anAnswerThatIsNeverMadeEndsWithTheHost() throws Exception {
        Host slow = hosts.start(hosts.builder().clock(this::time));
        Host asks = hosts.start(hosts.builder());
        BlockingQueue<HostEvent> events = MemoryHosts.events(asks);
        var _ = asks.connect(MemoryHosts.addressOf(slow));
        asked.await();
        slow.close();
        assertThat(MemoryHosts.next(events, SwarmEvent.ConnectionClosed.class).peer())
                .isEqualTo(slow.peerId());
    }
}
