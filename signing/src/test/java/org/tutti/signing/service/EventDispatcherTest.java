package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.signing.session.SessionEvent;

import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

class EventDispatcherTest {
    @Test
    void slowListenerLosesEventsAboveTheBoundAndDelaysNothing() throws InterruptedException {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch busy = new CountDownLatch(1);
        BlockingQueue<SessionEvent> received = new LinkedBlockingQueue<>();
        try (EventDispatcher dispatcher =
                new EventDispatcher(
                        2,
                        event -> {
                            busy.countDown();
                            try {
                                go.await();
                            } catch (InterruptedException _) {
                                Thread.currentThread().interrupt();
                            }
                            received.add(event);
                        })) {
            dispatcher.start();
            SessionEvent event = new SessionEvent.JournalFailed(Instant.EPOCH, "test");
            dispatcher.offer(event);
            busy.await();
            for (int i = 0; i < 5; i++) {
                dispatcher.offer(event);
            }
            assertThat(dispatcher.lost()).isEqualTo(3);
            go.countDown();
            for (int i = 0; i < 3; i++) {
                assertThat(received.poll(30, TimeUnit.SECONDS)).isEqualTo(event);
            }
        }
    }

    @Test
    void whatWaitsIsDeliveredWhenItIsClosedAndAFailureOfTheListenerIsALoss()
            throws InterruptedException {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch all = new CountDownLatch(4);
        EventDispatcher dispatcher =
                new EventDispatcher(
                        10,
                        _ -> {
                            busy.countDown();
                            awaitUninterrupted(go);
                            all.countDown();
                            throw new IllegalStateException("a listener's");
                        });
        dispatcher.start();
        SessionEvent event = new SessionEvent.JournalFailed(Instant.EPOCH, "test");
        for (int i = 0; i < 4; i++) {
            dispatcher.offer(event);
        }
        busy.await();
        dispatcher.close();
        go.countDown();
        assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
        dispatcher.join();
        assertThat(dispatcher.lost()).isEqualTo(4);
    }

    @Test
    void closingEndsAThreadThatWaits() throws InterruptedException {
        EventDispatcher dispatcher = new EventDispatcher(1, _ -> {});
        dispatcher.start();
        dispatcher.close();
        dispatcher.join();
        assertThat(dispatcher.lost()).isZero();
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
