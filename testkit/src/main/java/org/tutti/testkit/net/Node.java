package org.tutti.testkit.net;

/// One simulated process: an engine, and what the network does with it. Peers are numbers, those
/// that [SimulatedNetwork#add] gave. All methods are called by one thread, one at a time.
///
/// @param <M> what travels on connections
public interface Node<M> {
    /// It begins to run, or again after it stopped.
    ///
    /// @param actions what it can do from now on
    void started(Actions<M> actions);

    /// A message arrived; on one connection in the order in which they were sent, without holes.
    void received(int peer, M message);

    /// A connection is open.
    ///
    /// @param outbound whether this node dialled
    void connected(int peer, boolean outbound);

    /// The connection to a peer has ended: closed by it, broken, or closed to make room. Not called
    /// for what this node closes itself.
    void closed(int peer);

    /// A peer that was dialled cannot be reached.
    void dialFailed(int peer);

    /// The time that was asked for with [Actions#wakeAt] has come.
    void woken();
}
