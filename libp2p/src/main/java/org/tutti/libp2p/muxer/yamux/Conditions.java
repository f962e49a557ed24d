package org.tutti.libp2p.muxer.yamux;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.locks.Condition;

/// Waiting on a connection's conditions, with its lock held.
final class Conditions {
    /// The deadline of who waits for ever.
    static final long NEVER = Long.MAX_VALUE;

    private Conditions() {}

    /// One wait, which may end for no reason: every caller asks again in a loop.
    ///
    /// @return what is left of the time
    @SuppressWarnings("WaitNotInLoop")
    static long await(Condition condition, long nanos) throws IOException {
        try {
            if (nanos == NEVER) {
                condition.await();
                return nanos;
            }
            return condition.awaitNanos(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}
