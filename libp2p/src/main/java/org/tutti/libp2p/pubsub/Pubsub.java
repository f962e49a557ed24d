package org.tutti.libp2p.pubsub;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;

import java.util.Set;

/// Publish/subscribe as a program sees it, whichever protocol carries it. Safe for all threads.
public interface Pubsub {
    /// Subscribes to a topic. Each subscription gets every message from now on, but not those that
    /// this host publishes itself.
    ///
    /// @throws IllegalArgumentException if `topic` is not the name of one
    /// @throws IllegalStateException if this belongs to no host yet, the host is closed, or there
    ///   are too many subscriptions
    Subscription subscribe(String topic);

    /// Publishes a message, whether this host is subscribed to the topic or not.
    ///
    /// Waits while peers have not taken yet what was published before: as long as they take
    /// something. A peer that takes nothing for five seconds is waited for no longer; what does not
    /// fit into its queue then is dropped, and the result says so. Where the topic has no peers,
    /// nothing is sent and nothing waits.
    ///
    /// @throws IllegalArgumentException if `topic` is not the name of one, or the message is too
    ///   long
    /// @throws IllegalStateException if the host is closed, or has not been started
    PublishResult publish(String topic, Bytes data) throws InterruptedException;

    /// Judges the messages of a topic from now on, in place of a validator that was set before.
    void validator(String topic, Validator validator);

    /// The peers that are subscribed to a topic and that this host has a stream to: what is
    /// published goes to these, if they have room.
    Set<PeerId> peers(String topic);
}
