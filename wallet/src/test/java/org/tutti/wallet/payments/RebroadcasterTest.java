package org.tutti.wallet.payments;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.concurrent.SynchronousQueue;

@Timeout(60)
class RebroadcasterTest extends PaymentFixture {
    /// Sleeps until the test says that the time is over.
    private static final class Sleep implements Rebroadcaster.Sleeper {
        private final SynchronousQueue<Duration> asleep = new SynchronousQueue<>();
        private final SynchronousQueue<Boolean> over = new SynchronousQueue<>();
        private volatile @Nullable Thread thread;

        @Override
        public void sleep(Duration time) throws InterruptedException {
            thread = Thread.currentThread();
            asleep.put(time);
            over.take();
        }

        /// How long the thread wants to sleep that sleeps now, or does next.
        Duration await() throws InterruptedException {
            return asleep.take();
        }

        /// Waits until the thread has ended.
        void join() throws InterruptedException {
            requireNonNull(thread).join();
        }

        void end() throws InterruptedException {
            over.put(true);
        }
    }

    private final Sleep sleep = new Sleep();

    @Test
    void everySecondWhatIsOverdueIsBroadcastAgain() throws Exception {
        signed(payments, payment(), false);
        runChecks();
        try (Rebroadcaster rebroadcaster = new Rebroadcaster(payments, sleep)) {
            rebroadcaster.start();
            assertThat(sleep.await()).isEqualTo(Duration.ofSeconds(1));
            sleep.end();
            sleep.await();
            assertThat(broadcast).isEmpty();
            now = NOW.plus(PaymentLedger.REBROADCAST_AFTER);
            sleep.end();
            sleep.await();
            assertThat(broadcast).hasSize(1);
            now = now.plus(PaymentLedger.REBROADCAST_AGAIN);
            sleep.end();
            sleep.await();
            assertThat(broadcast).hasSize(2);
        }
    }

    @Test
    void closingEndsTheLoopInTheMiddleOfASleep() throws Exception {
        signed(payments, payment(), false);
        runChecks();
        Rebroadcaster rebroadcaster = new Rebroadcaster(payments, sleep);
        rebroadcaster.start();
        sleep.await();
        now = NOW.plus(PaymentLedger.REBROADCAST_AFTER);
        rebroadcaster.close();
        sleep.join();
        assertThat(broadcast).isEmpty();
    }
}
