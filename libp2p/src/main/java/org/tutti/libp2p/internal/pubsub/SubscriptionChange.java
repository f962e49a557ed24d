package org.tutti.libp2p.internal.pubsub;

/// `SubOpts` (libp2p/specs pubsub/README.md, "The RPC").
///
/// @param subscribe false for the end of a subscription
public record SubscriptionChange(boolean subscribe, String topic) {}
