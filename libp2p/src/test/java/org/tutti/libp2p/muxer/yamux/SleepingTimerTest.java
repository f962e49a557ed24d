package org.tutti.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

@Timeout(30)
class SleepingTimerTest {
    private final List<Thread> started = new ArrayList<>();

    private final SleepingTimer timer = new SleepingTimer(this::thread, () -> 42);

    private Thread thread(Runnable task) {
        Thread thread = Thread.ofVirtual().unstarted(task);
        started.add(thread);
        return thread;
    }

    @Test
    void aTaskRunsOnAThreadOfTheFactory() throws Exception {
        CompletableFuture<Thread> ran = new CompletableFuture<>();
        timer.schedule(Duration.ofNanos(1), () -> ran.complete(Thread.currentThread()));
        assertThat(started).containsExactly(ran.get());
    }

    @Test
    void aThreadThatIsWokenRunsItsTaskEarly() throws Exception {
        CompletableFuture<Void> ran = new CompletableFuture<>();
        timer.schedule(Duration.ofDays(1), () -> ran.complete(null));
        started.getFirst().interrupt();
        ran.get();
    }

    @Test
    void itsTimeIsThatOfTheClock() {
        assertThat(timer.nanoTime()).isEqualTo(42);
    }
}
