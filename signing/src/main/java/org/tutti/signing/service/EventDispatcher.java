package org.tutti.signing.service;

import org.tutti.signing.session.SessionEvent;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// Delivers events to a listener on its own thread, in order, so that a slow listener delays
/// nothing else. When too many are waiting, new ones are dropped and counted.
final class EventDispatcher implements AutoCloseable {
    private final BlockingQueue<SessionEvent> queue;
    private final Consumer<? super SessionEvent> listener;
    private final AtomicLong lost = new AtomicLong();
    private final Thread thread;
    private volatile boolean closed; // read by the dispatcher's thread, written by close

    EventDispatcher(int capacity, Consumer<? super SessionEvent> listener) {
        this.queue = new LinkedBlockingQueue<>(capacity);
        this.listener = listener;
        this.thread = Thread.ofVirtual().name("sign-events").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    void offer(SessionEvent event) {
        if (!queue.offer(event)) {
            lost.incrementAndGet();
        }
    }

    long lost() {
        return lost.get();
    }

    private void run() {
        try {
            while (!closed || !queue.isEmpty()) {
                deliver(queue.take());
            }
        } catch (InterruptedException _) {
            drain();
        }
    }

    private void drain() {
        SessionEvent event = queue.poll();
        while (event != null) {
            deliver(event);
            event = queue.poll();
        }
    }

    private void deliver(SessionEvent event) {
        try {
            listener.accept(event);
        } catch (RuntimeException _) {
            lost.incrementAndGet();
        }
    }

    /// Events that are waiting are still delivered.
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    /// Waits until the thread has ended.
    void join() throws InterruptedException {
        thread.join();
    }
}
