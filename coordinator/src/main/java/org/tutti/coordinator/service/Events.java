package org.tutti.coordinator.service;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// Tells events to a listener on a thread of their own, in order. When too many wait, new ones are
/// dropped and counted: the state of every request can be asked for.
///
/// @param <E> of events
final class Events<E> {
    private static final int MAX_WAITING = 65_536;

    private final BlockingQueue<E> queue = new LinkedBlockingQueue<>(MAX_WAITING);
    private final Consumer<? super E> listener;
    private final AtomicLong lost = new AtomicLong();
    private final Thread thread =
            Thread.ofVirtual().name("coordinator-events").unstarted(this::run);

    Events(Consumer<? super E> listener) {
        this.listener = listener;
    }

    void start() {
        thread.start();
    }

    void offer(E event) {
        if (!queue.offer(event)) {
            lost.incrementAndGet();
        }
    }

    long lost() {
        return lost.get();
    }

    private void run() {
        try {
            while (true) {
                deliver(queue.take());
            }
        } catch (InterruptedException e) {
            for (E event = queue.poll(); event != null; event = queue.poll()) {
                deliver(event);
            }
        }
    }

    private void deliver(E event) {
        try {
            listener.accept(event);
        } catch (RuntimeException e) {
            lost.incrementAndGet();
        }
    }

    /// What waits is still told.
    void close() throws InterruptedException {
        thread.interrupt();
        thread.join(1_000);
    }
}
