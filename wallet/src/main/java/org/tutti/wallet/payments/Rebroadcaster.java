package org.tutti.wallet.payments;

import java.time.Duration;

/// Lets a [PaymentProcessor] look every second whether a payment has to be broadcast again.
///
/// Threads: one virtual thread of its own, from [#start] to [#close].
public final class Rebroadcaster implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /// How the thread waits between two looks: `Thread.sleep`, but in a test, which decides itself
    /// when the time is over.
    @FunctionalInterface
    interface Sleeper {
        void sleep(Duration time) throws InterruptedException;
    }

    private final Thread thread;

    public Rebroadcaster(PaymentProcessor payments) {
        this(payments, Thread::sleep);
    }

    Rebroadcaster(PaymentProcessor payments, Sleeper sleeper) {
        thread = Thread.ofVirtual().name("rebroadcast").unstarted(() -> run(payments, sleeper));
    }

    public void start() {
        thread.start();
    }

    private static void run(PaymentProcessor payments, Sleeper sleeper) {
        try {
            while (true) {
                sleeper.sleep(INTERVAL);
                payments.rebroadcast();
            }
        } catch (InterruptedException e) {
            // Only close interrupts.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
