package org.tutti.node.events;

import java.time.Instant;

/// Where a node's events go. Called from many threads; never blocks for long.
public interface EventSink {
    /// Something that happens now.
    void emit(NodeEvent event);

    /// Something that happened then.
    void emit(Instant at, NodeEvent event);
}
