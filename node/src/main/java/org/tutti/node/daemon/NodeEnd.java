package org.tutti.node.daemon;

import org.jspecify.annotations.Nullable;
import org.tutti.node.daemon.NodeException.Kind;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/// Whether a node has ended, and what it ended with. Threads: any.
final class NodeEnd {
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicReference<@Nullable NodeException> failure = new AtomicReference<>();

    /// A node that no longer follows the chain must not look alive: it ends, so that its supervisor
    /// can start it again. What it acknowledged is on disk. The first defect counts.
    void fail(Throwable defect) {
        failure.compareAndSet(
                null,
                new NodeException(
                        "DEFECT",
                        Kind.DEFECT,
                        "the chain is no longer followed: " + defect,
                        defect));
        ended.countDown();
    }

    void end() {
        ended.countDown();
    }

    /// @throws NodeException if it failed
    void await() throws InterruptedException {
        ended.await();
        NodeException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
    }
}
