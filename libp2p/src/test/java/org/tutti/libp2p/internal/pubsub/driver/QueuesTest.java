package org.tutti.libp2p.internal.pubsub.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.pubsub.PubsubOutput.Priority;
import org.tutti.libp2p.internal.pubsub.Rpc;
import org.tutti.libp2p.internal.pubsub.RpcCodec;
import org.tutti.libp2p.internal.pubsub.SubscriptionChange;
import org.tutti.libp2p.internal.pubsub.driver.SendQueue.Added;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.ReceivedMessage;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/// The queues to a peer and to a program.
class QueuesTest {
    private static final PeerId ALICE =
            PeerId.parse("12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN");

    private final QueuedMemory all = new QueuedMemory(64 << 20);
    private final SendQueue queue = new SendQueue(all);

    private int sequence;

    private Rpc message(int length) {
        sequence++;
        return Rpc.message(
                Bytes.wrap(new byte[] {(byte) (sequence >>> 8), (byte) sequence}),
                Message.unsigned(ALICE, sequence, "t", Bytes.wrap(new byte[length])));
    }

    private static Rpc control() {
        return Rpc.subscriptions(List.of(new SubscriptionChange(true, "t".repeat(1000))));
    }

    @Test
    void controlGoesBeforeMessages() throws Exception {
        Rpc message = message(10);
        queue.add(message, Priority.PUBLISHED, 0);
        queue.add(control(), Priority.CONTROL, 0);
        assertThat(queue.take(1 << 16)).containsExactly(control(), message);
    }

    /// gossipsub-v1.2.md, "Basic scenario" and "Cancelling IWANT".
    @Test
    void whatThePeerHasOrDoesNotWantIsTakenOutAgain() throws Exception {
        Rpc first = message(1000);
        Rpc second = message(1000);
        queue.add(first, Priority.FORWARDED, 0);
        queue.add(second, Priority.FORWARDED, 0);
        queue.add(first, Priority.FORWARDED, 0);
        queue.cancel(first.messages().getFirst().id());
        queue.cancel(Bytes.fromHex("ffff"));
        assertThat(queue.take(1 << 16)).containsExactly(second);
        assertThat(queue.memory()).isZero();
    }

    /// However they leave.
    @Test
    void allQueuesTogetherHaveABound() throws Exception {
        QueuedMemory little = new QueuedMemory(8_000);
        SendQueue first = new SendQueue(little);
        SendQueue second = new SendQueue(little);
        Rpc cancelled = message(3000);
        first.add(cancelled, Priority.FORWARDED, 0);
        first.add(control(), Priority.CONTROL, 0);
        assertThat(little.used()).isEqualTo(first.memory());
        assertThat(second.add(message(3000), Priority.PUBLISHED, 0)).isEqualTo(Added.FULL);
        assertThat(second.add(control(), Priority.CONTROL, 0)).isEqualTo(Added.FULL);
        assertThat(second.memory()).isZero();

        first.cancel(cancelled.messages().getFirst().id());
        assertThat(second.add(message(3000), Priority.PUBLISHED, 0)).isEqualTo(Added.QUEUED);
        assertThat(little.used()).isEqualTo(first.memory() + second.memory());
        assertThat(first.take(1 << 16)).hasSize(1);
        assertThat(second.take(1 << 16)).hasSize(1);
        assertThat(little.used()).isZero();

        first.add(message(3000), Priority.FORWARDED, 0);
        first.add(control(), Priority.CONTROL, 0);
        first.end();
        first.end();
        assertThat(little.used()).isZero();
    }

    /// Until it is taken.
    @Test
    void whatAStoppedQueueHoldsCounts() throws Exception {
        Rpc message = message(10);
        queue.add(message, Priority.PUBLISHED, 0);
        queue.add(control(), Priority.CONTROL, 0);
        queue.stop();
        assertThat(queue.add(message(10), Priority.PUBLISHED, 0)).isEqualTo(Added.DROPPED);
        assertThat(queue.take(1 << 16)).isEmpty();
        assertThat(all.used()).isEqualTo(queue.memory()).isPositive();
        assertThat(queue.endAndTake()).containsExactly(control(), message);
        assertThat(all.used()).isZero();
        assertThat(queue.endAndTake()).isEmpty();
    }

    @Test
    void severalIdontwantsBecomeOne() throws Exception {
        queue.add(control(), Priority.CONTROL, 0);
        queue.add(Rpc.idontwant(List.of(Bytes.fromHex("01"))), Priority.GOSSIP, 0);
        queue.add(Rpc.idontwant(List.of(Bytes.fromHex("02"))), Priority.GOSSIP, 0);
        assertThat(queue.take(1 << 16))
                .containsExactly(
                        Rpc.idontwant(List.of(Bytes.fromHex("01"), Bytes.fromHex("02"))),
                        control());
        assertThat(queue.memory()).isZero();
    }

    @Test
    void oneWriteHasAsMuchAsFitsAndOneRpcAtLeast() throws Exception {
        queue.add(message(100_000), Priority.PUBLISHED, 0);
        queue.add(message(1000), Priority.PUBLISHED, 0);
        queue.add(message(1000), Priority.PUBLISHED, 0);
        queue.add(message(1000), Priority.PUBLISHED, 0);
        int two = 2 * RpcCodec.frameSize(message(1000));
        assertThat(queue.take(two)).hasSize(1);
        assertThat(queue.take(two)).hasSize(2);
        assertThat(queue.take(two)).hasSize(1);
        assertThat(queue.memory()).isZero();
    }

    @Test
    void messagesOverTheBoundAreDropped() {
        int added = 0;
        while (queue.add(message(100_000), Priority.FORWARDED, 0) == Added.QUEUED) {
            added++;
        }
        assertThat(added).isEqualTo(SendQueue.MAX_MESSAGES / 100_500);
        assertThat(queue.memory()).isLessThanOrEqualTo(SendQueue.MAX_MESSAGES);
        assertThat(queue.add(message(100_000), Priority.PUBLISHED, 0)).isEqualTo(Added.DROPPED);
        assertThat(queue.dropped()).isEqualTo(2);
        assertThat(queue.add(control(), Priority.CONTROL, 0)).isEqualTo(Added.QUEUED);
    }

    @Test
    void gossipIsDroppedBeforeControlIsAndControlOverTheBoundEndsTheStream() {
        Added last = Added.QUEUED;
        while (last == Added.QUEUED) {
            last = queue.add(control(), Priority.GOSSIP, 0);
        }
        assertThat(last).isEqualTo(Added.DROPPED);
        last = Added.QUEUED;
        while (last == Added.QUEUED) {
            last = queue.add(control(), Priority.CONTROL, 0);
        }
        assertThat(last).isEqualTo(Added.OVERRUN);
        assertThat(queue.memory()).isLessThanOrEqualTo(SendQueue.MAX_CONTROL);
    }

    @Test
    void aPublisherWaitsUntilThePeerHasTakenSomething() throws Exception {
        queue.add(message(SendQueue.HIGH_WATER), Priority.PUBLISHED, 0);
        AtomicInteger waits = new AtomicInteger();
        Thread publisher =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                if (queue.awaitRoom(() -> 0)) {
                                    waits.incrementAndGet();
                                }
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        while (publisher.getState() != Thread.State.TIMED_WAITING) {
            Thread.sleep(1);
        }
        assertThat(waits).hasValue(0);
        assertThat(queue.take(1)).hasSize(1);
        publisher.join();
        assertThat(waits).hasValue(1);
    }

    @Test
    void aPublisherDoesNotWaitForAPeerThatTakesNothing() throws Exception {
        queue.add(message(SendQueue.HIGH_WATER), Priority.PUBLISHED, 0);
        assertThat(queue.awaitRoom(() -> SendQueue.STALLED_NANOS)).isFalse();
        queue.written(1);
        queue.end();
        assertThat(queue.awaitRoom(() -> 0)).as("it has ended").isTrue();
        assertThat(queue.take(100)).isEmpty();
        assertThat(queue.add(control(), Priority.CONTROL, 0)).isEqualTo(Added.DROPPED);
    }

    @Test
    void aSubscriberThatNeverReadsMissesWhatIsNewestAndHoldsABoundedNumberOfBytes()
            throws Exception {
        QueuedSubscription subscription = new QueuedSubscription("t", 3, 1 << 20, _ -> {});
        for (int i = 0; i < 5; i++) {
            subscription.offer(received(i));
        }
        assertThat(subscription.dropped()).isEqualTo(2);
        for (int i = 0; i < 3; i++) {
            ReceivedMessage next = Objects.requireNonNull(subscription.poll(Duration.ZERO));
            assertThat(next.message().dataLength()).isEqualTo(i);
        }
        assertThat(subscription.poll(Duration.ZERO)).isNull();

        QueuedSubscription small = new QueuedSubscription("t", 1000, 10_000, _ -> {});
        for (int i = 0; i < 20; i++) {
            small.offer(received(4000));
        }
        assertThat(small.dropped()).isEqualTo(18);
    }

    @Test
    void aSubscriptionThatIsClosedGivesWhatItHasAndThenNothing() throws Exception {
        AtomicInteger closed = new AtomicInteger();
        QueuedSubscription subscription =
                new QueuedSubscription("t", 3, 1 << 20, _ -> closed.incrementAndGet());
        subscription.offer(received(7));
        subscription.close();
        subscription.offer(received(8));
        assertThat(subscription.take()).isNotNull();
        assertThat(subscription.take()).isNull();
        assertThat(closed).hasValue(1);
        assertThat(subscription.dropped()).isZero();
    }

    private static ReceivedMessage received(int length) {
        return new ReceivedMessage(
                Bytes.fromHex("01"),
                Message.unsigned(ALICE, 1, "t", Bytes.wrap(new byte[length])),
                ALICE);
    }
}
