package org.tutti.libp2p.pubsub;

import org.tutti.libp2p.identity.PeerId;

/// Judges the messages of one topic before they are delivered and forwarded; their signatures have
/// been checked before.
@FunctionalInterface
public interface Validator {
    /// May block, and is called on many threads at a time. One that blocks holds up nothing but its
    /// own topic: while as many messages of the topic are under validation as may be, others of it
    /// are ignored. One that throws ignores the message.
    ///
    /// @param forwarder the peer that sent it to us, which is often not its author
    ValidationResult validate(Message message, PeerId forwarder);
}
