package org.tutti.coordinator.service;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The virtual threads of a coordinator, which end with it.
final class Tasks implements AutoCloseable {
    private final Set<Thread> running = ConcurrentHashMap.newKeySet();
    private volatile boolean closed; // written by close, read by all

    /// Something that may wait.
    @FunctionalInterface
    interface Task {
        void run() throws InterruptedException;
    }

    /// @return its thread, which may be interrupted
    Thread start(String name, Task task) {
        Thread thread = Thread.ofVirtual().name(name).unstarted(() -> body(task));
        running.add(thread);
        if (closed) {
            running.remove(thread);
            return thread;
        }
        thread.start();
        return thread;
    }

    void run(String name, Task task) {
        var _ = start(name, task);
    }

    private void body(Task task) {
        try {
            task.run();
        } catch (InterruptedException | IllegalStateException e) {
            // The coordinator, or the host, has ended.
            Thread.currentThread().interrupt();
        } finally {
            running.remove(Thread.currentThread());
        }
    }

    int count() {
        return running.size();
    }

    @Override
    public void close() {
        closed = true;
        running.forEach(Thread::interrupt);
    }
}
