package org.tutti.libp2p.pubsub.gossipsub.parameters;

/// gossipsub-v1.1.md, "Score Thresholds".
///
/// @param gossip below it no gossip goes to a peer, and none is taken from it; not positive
/// @param publish below it our own messages do not go to a peer; at most `gossip`
/// @param graylist below it a peer's RPCs are ignored; at most `publish`
/// @param acceptPeerExchange at it or above, a peer may name others to connect to; not negative
/// @param opportunisticGraft below it as median of a mesh, better peers are grafted; not negative
public record ScoreThresholds(
        double gossip,
        double publish,
        double graylist,
        double acceptPeerExchange,
        double opportunisticGraft) {
    public ScoreThresholds {
        if (gossip > 0 || publish > gossip || graylist > publish) {
            throw new IllegalArgumentException("0 >= gossip >= publish >= graylist");
        }
        if (acceptPeerExchange < 0 || opportunisticGraft < 0) {
            throw new IllegalArgumentException("a threshold that is not negative is");
        }
    }

    /// -10, -50, -80, 10, 1: two invalid messages in a row cost the mesh and gossip, three all.
    public static ScoreThresholds defaults() {
        return new ScoreThresholds(-10, -50, -80, 10, 1);
    }
}
