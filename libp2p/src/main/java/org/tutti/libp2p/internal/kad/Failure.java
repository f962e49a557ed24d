package org.tutti.libp2p.internal.kad;

/// Why a request of ours has no response.
public enum Failure {
    /// There is no connection to the peer, and none can be made.
    UNREACHABLE,
    /// The peer reset the stream or ended it: also how it refuses a value.
    NO_ANSWER,
    /// It took too long.
    TIMEOUT,
    /// The peer does not speak the protocol.
    NOT_SUPPORTED,
    /// The response breaks the protocol.
    MALFORMED,
    /// A bound of this host was reached: says nothing of the peer.
    OURS
}
