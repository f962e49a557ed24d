package org.tutti.node.events;

import java.io.PrintStream;
import java.time.Instant;
import java.time.InstantSource;

/// Prints events, one a line. Where nobody reads, events are dropped and told as
/// [NodeEvent.EventsDropped] when there is room again: see [LinePrinter].
///
/// Threads: any.
public final class EventPrinter implements EventSink, AutoCloseable {
    private final EventFormat format;
    private final InstantSource clock;
    private final LinePrinter lines;

    private EventPrinter(EventFormat format, PrintStream out, InstantSource clock) {
        this.format = format;
        this.clock = clock;
        this.lines =
                LinePrinter.start(
                        out,
                        count -> format.line(clock.instant(), new NodeEvent.EventsDropped(count)));
    }

    /// @param out closed by nobody
    public static EventPrinter start(EventFormat format, PrintStream out, InstantSource clock) {
        return new EventPrinter(format, out, clock);
    }

    @Override
    public void emit(NodeEvent event) {
        emit(clock.instant(), event);
    }

    @Override
    public void emit(Instant at, NodeEvent event) {
        lines.print(format.line(at, event));
    }

    /// Waits until everything is written, but not for long.
    @Override
    public void close() {
        lines.close();
    }
}
