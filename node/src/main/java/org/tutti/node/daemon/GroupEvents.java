package org.tutti.node.daemon;

import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;

import java.time.Instant;

/// Says of each event which group it is of. Connections that were refused are of none.
///
/// @param group the descriptor's id
record GroupEvents(EventSink events, String group) implements EventSink {
    @Override
    public void emit(NodeEvent event) {
        if (!(event instanceof NodeEvent.InboundRefused)) {
            events.emit(new NodeEvent.OfGroup(group, event));
        }
    }

    @Override
    public void emit(Instant at, NodeEvent event) {
        if (!(event instanceof NodeEvent.InboundRefused)) {
            events.emit(at, new NodeEvent.OfGroup(group, event));
        }
    }
}
