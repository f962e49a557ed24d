package org.tutti.libp2p.internal.pubsub.driver;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.pubsub.ReceivedMessage;
import org.tutti.libp2p.pubsub.Subscription;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// The queue between the driver, which adds and never waits, and a program that takes. The lock
/// guards all fields but the final ones.
final class QueuedSubscription implements Subscription {
    private final String topic;
    private final int maxMessages;
    private final int maxMemory;
    private final Consumer<QueuedSubscription> onClose;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private final Deque<ReceivedMessage> queue = new ArrayDeque<>();
    private int memory;
    private long dropped;
    private boolean closed;

    QueuedSubscription(
            String topic, int maxMessages, int maxMemory, Consumer<QueuedSubscription> onClose) {
        this.topic = topic;
        this.maxMessages = maxMessages;
        this.maxMemory = maxMemory;
        this.onClose = onClose;
    }

    @Override
    public String topic() {
        return topic;
    }

    void offer(ReceivedMessage message) {
        lock.lock();
        try {
            int cost = message.message().memory();
            boolean full =
                    queue.size() >= maxMessages || (!queue.isEmpty() && memory + cost > maxMemory);
            if (closed || full) {
                dropped += full ? 1 : 0;
                return;
            }
            queue.add(message);
            memory += cost;
            filled.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable ReceivedMessage take() throws InterruptedException {
        lock.lock();
        try {
            while (queue.isEmpty() && !closed) {
                filled.await();
            }
            return remove();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable ReceivedMessage poll(Duration timeout) throws InterruptedException {
        long left = timeout.toNanos();
        lock.lock();
        try {
            while (queue.isEmpty() && !closed && left > 0) {
                left = filled.awaitNanos(left);
            }
            return remove();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable ReceivedMessage remove() {
        ReceivedMessage next = queue.poll();
        if (next != null) {
            memory -= next.message().memory();
        }
        return next;
    }

    @Override
    public long dropped() {
        lock.lock();
        try {
            return dropped;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        end();
        onClose.accept(this);
    }

    /// The host is closed: what is there can still be taken.
    void end() {
        lock.lock();
        try {
            closed = true;
            filled.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
