package org.tutti.wallet.payments;

import java.time.Duration;

/// Lets a [PaymentProcessor], or whoever else sends transactions, look every second whether one has
/// to be broadcast again.
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
        this(payments::rebroadcast);
    }

    /// @param look to be done every second
    public Rebroadcaster(Runnable look) {
        this(look, Thread::sleep);
    }

    Rebroadcaster(PaymentProcessor payments, Sleeper sleeper) {
        this(payments::rebroadcast, sleeper);
    }

    private Rebroadcaster(Runnable look, Sleeper sleeper) {
        thread = Thread.ofVirtual().name("rebroadcast").unstarted(() -> run(look, sleeper));
    }

    public void start() {
        thread.start();
    }

    private static void run(Runnable look, Sleeper sleeper) {
        try {
            while (true) {
                sleeper.sleep(INTERVAL);
                look.run();
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
