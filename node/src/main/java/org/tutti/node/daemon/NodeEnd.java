package org.tutti.node.daemon;

import org.jspecify.annotations.Nullable;
import org.tutti.lightclient.headers.HeaderStoreException;
import org.tutti.node.daemon.NodeException.Kind;
import org.tutti.node.files.IoReason;
import org.tutti.signing.service.SigningStoppedException;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/// Whether a node has ended, and what it ended with. Threads: any.
final class NodeEnd {
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicReference<@Nullable NodeException> failure = new AtomicReference<>();

    /// A node that no longer follows the chain must not look alive: it ends, so that its supervisor
    /// can start it again. What it acknowledged is on disk. The first defect counts.
    void fail(Throwable defect) {
        NodeException reason =
                defect instanceof HeaderStoreException failed
                        ? chainException(failed)
                        : new NodeException(
                                "DEFECT",
                                Kind.DEFECT,
                                "the chain is no longer followed: " + defect,
                                defect);
        failure.compareAndSet(null, reason);
        ended.countDown();
    }

    /// A node that can take no requests any more must not look alive either.
    void requestsStopped(Throwable reason) {
        NodeException told =
                reason instanceof IOException failed
                        ? new NodeException(
                                "REQUESTS_IO",
                                Kind.ENVIRONMENT,
                                "requests cannot be written: " + IoReason.of(failed),
                                failed)
                        : new NodeException(
                                "DEFECT",
                                Kind.DEFECT,
                                "requests are no longer taken: " + reason,
                                reason);
        failure.compareAndSet(null, told);
        ended.countDown();
    }

    /// The headers cannot be kept.
    static NodeException chainException(HeaderStoreException failed) {
        return new NodeException(
                "CHAIN_" + failed.code(),
                Kind.ENVIRONMENT,
                String.valueOf(failed.getMessage()),
                failed);
    }

    /// A node that can no longer sign must not look alive either. The first reason counts.
    void signingStopped(Throwable reason) {
        failure.compareAndSet(null, exception(reason));
        ended.countDown();
    }

    private static NodeException exception(Throwable reason) {
        return switch (reason) {
            case SigningStoppedException stopped ->
                    new NodeException(
                            stopped.code(),
                            Kind.ENVIRONMENT,
                            String.valueOf(stopped.getMessage()),
                            stopped);
            case IOException failed ->
                    new NodeException(
                            "JOURNAL_FAILED",
                            Kind.ENVIRONMENT,
                            "the journal cannot be written: " + IoReason.of(failed),
                            failed);
            case OutOfMemoryError exhausted ->
                    new NodeException(
                            "OUT_OF_MEMORY",
                            Kind.ENVIRONMENT,
                            "the memory is exhausted; give the node more with TUTTI_JAVA_OPTS=-Xmx…",
                            exhausted);
            default ->
                    new NodeException(
                            "DEFECT",
                            Kind.DEFECT,
                            "this node can no longer sign: " + reason,
                            reason);
        };
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
