package org.tutti.libp2p.internal.kad;

/// What becomes of a request of another peer.
public sealed interface Answer {
    /// It is answered.
    record Reply(Response response) implements Answer {}

    /// It was taken, and has no response.
    record Taken() implements Answer {}

    /// It is refused: the stream is reset, as go does.
    ///
    /// @param code why, such as `KAD_OUTDATED`
    record Refused(String code) implements Answer {}
}
