package org.tutti.lightclient.headers;

/// How the best chain moved: first what left it, then what joined it, each as a range.
public sealed interface HeaderEvent {

    /// The headers above `fork` up to `tip` are no longer in the best chain, the last one first.
    /// [HeaderChain#ascent] lists them while the tree has them.
    record Disconnected(HeaderEntry tip, HeaderEntry fork) implements HeaderEvent {}

    /// The headers above `fork` up to `tip` are in the best chain now, the lowest one first.
    record Connected(HeaderEntry fork, HeaderEntry tip) implements HeaderEvent {}
}
