package org.tutti.node.events;

/// Where a node's events go. Called from many threads; never blocks for long.
@FunctionalInterface
public interface EventSink {
    void emit(NodeEvent event);
}
