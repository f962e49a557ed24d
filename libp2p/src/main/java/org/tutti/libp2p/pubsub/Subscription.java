package org.tutti.libp2p.pubsub;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// One subscription to a topic: a queue of messages. Safe for all threads.
///
/// What waits is bounded in number and in bytes. A program that does not read in time misses the
/// newest messages, and `dropped` says how many; it holds up nobody else.
public interface Subscription extends AutoCloseable {
    String topic();

    /// The next message.
    ///
    /// @return null if the subscription was closed, or the host, and none is left
    @Nullable ReceivedMessage take() throws InterruptedException;

    /// The next message.
    ///
    /// @return null if none came in time, or the subscription was closed
    @Nullable ReceivedMessage poll(Duration timeout) throws InterruptedException;

    /// How many messages it has missed so far.
    long dropped();

    /// Ends it, and wakes whoever waits; with the last subscription to a topic this host
    /// unsubscribes. Idempotent.
    @Override
    void close();
}
