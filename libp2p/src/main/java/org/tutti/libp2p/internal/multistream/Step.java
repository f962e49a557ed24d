package org.tutti.libp2p.internal.multistream;

import org.tutti.base.Bytes;

/// What a negotiation wants done after it was given bytes.
public sealed interface Step {
    /// What to send first; may be empty.
    Bytes send();

    /// Send, then read on.
    record Continue(Bytes send) implements Step {}

    /// Send, and then the stream speaks `protocol`.
    ///
    /// @param readAhead what already arrived of it
    record Agreed(Bytes send, String protocol, Bytes readAhead) implements Step {}
}
