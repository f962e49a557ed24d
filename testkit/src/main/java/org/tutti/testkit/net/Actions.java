package org.tutti.testkit.net;

/// What a node can do, inside of its methods and outside of them.
///
/// @param <M> what travels on connections
public interface Actions<M> {
    /// Virtual nanoseconds since the network's beginning.
    long now();

    /// Whether there is an open connection to a peer.
    boolean isConnected(int peer);

    /// Dials a peer: `connected` or `dialFailed` follows. Nothing happens if it is connected or
    /// being dialled.
    void connect(int peer);

    /// Sends a message on the open connection to a peer; dropped if there is none.
    void send(int peer, M message);

    /// Closes the connection to a peer, if there is one. What was sent before still arrives.
    void close(int peer);

    /// Asks to be woken at this time, in place of any time that was asked for before.
    ///
    /// @param nanos `Long.MAX_VALUE` for never
    void wakeAt(long nanos);
}
