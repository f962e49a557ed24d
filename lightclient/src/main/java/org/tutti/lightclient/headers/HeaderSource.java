package org.tutti.lightclient.headers;

/// Who gave us headers: how much of a chain that has little work is taken depends on it.
public sealed interface HeaderSource {

    /// The one peer whose chain we follow while ours has less work than the network's minimum.
    ///
    /// @param peer its number
    record SyncPeer(long peer) implements HeaderSource {}

    /// Any other peer.
    ///
    /// @param peer its number
    record OtherPeer(long peer) implements HeaderSource {}

    /// Our owner, who may keep any branch.
    record Operator() implements HeaderSource {}
}
