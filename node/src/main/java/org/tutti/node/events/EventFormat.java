package org.tutti.node.events;

import java.time.Instant;

/// How an event is written.
@FunctionalInterface
public interface EventFormat {
    /// The event in one line, without its end.
    String line(Instant at, NodeEvent event);
}
