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
}
