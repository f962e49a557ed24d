package org.tutti.libp2p.internal.time;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

@Timeout(60)
class TasksTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final Tasks tasks = new Tasks();

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aTaskRunsOnAVirtualThreadOfThisName() throws Exception {
        CompletableFuture<Thread> ran = new CompletableFuture<>();
        tasks.start("named", () -> ran.complete(Thread.currentThread()));
        Thread thread = ran.get();
        assertThat(thread.isVirtual()).isTrue();
        assertThat(thread.getName()).isEqualTo("named");
        assertThat(tasks.awaitIdle(LONG)).isTrue();
    }

    @Test
    void runningTasksAreCountedUntilTheyEnd() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        tasks.start("a", () -> await(go));
        tasks.start("b", () -> await(go));
        assertThat(tasks.running()).isEqualTo(2);
        go.countDown();
        assertThat(tasks.awaitIdle(LONG)).isTrue();
        assertThat(tasks.running()).isZero();
    }

    @Test
    void aWaitForATaskThatHangsEnds() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        tasks.start("hangs", () -> await(go));
        assertThat(tasks.awaitIdle(Duration.ofMillis(1))).isFalse();
        go.countDown();
        assertThat(tasks.awaitIdle(LONG)).isTrue();
    }

    @Test
    void aTaskThatFailsIsNotCountedForEver() throws Exception {
        tasks.start(
                "fails",
                () -> {
                    Thread.currentThread().setUncaughtExceptionHandler((_, _) -> {});
                    throw new IllegalStateException("on purpose");
                });
        assertThat(tasks.awaitIdle(LONG)).isTrue();
    }

    @Test
    void nothingRunningIsIdleAtOnce() throws Exception {
        assertThat(tasks.awaitIdle(Duration.ZERO)).isTrue();
    }
}
