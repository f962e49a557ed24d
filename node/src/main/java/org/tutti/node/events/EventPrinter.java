package org.tutti.node.events;

import java.io.PrintStream;
import java.time.Instant;
import java.time.InstantSource;

/// Prints events, one a line, and stops for no reader ([LinePrinter]): events that are dropped are
/// told as [NodeEvent.EventsDropped].
///
/// Threads: any.
public final class EventPrinter implements EventSink, AutoCloseable {
    private final EventFormat format;
    private final InstantSource clock;
    private final LinePrinter printer;

    private EventPrinter(EventFormat format, LinePrinter printer, InstantSource clock) {
        this.format = format;
        this.printer = printer;
        this.clock = clock;
    }

    /// @param out closed by nobody
    public static EventPrinter start(EventFormat format, PrintStream out, InstantSource clock) {
        LinePrinter printer =
                LinePrinter.start(line -> {
                    out.println(line);
                    out.flush();
                });
        return new EventPrinter(format, printer, clock);
    }

    @Override
    public void emit(NodeEvent event) {
        emit(clock.instant(), event);
    }

    @Override
    public void emit(Instant at, NodeEvent event) {
        printer.print(
                format.line(at, event),
                dropped -> format.line(at, new NodeEvent.EventsDropped(dropped)));
    }

    /// Waits until everything is written, but not for long.
    @Override
    public void close() {
        printer.close();
    }
}
