package org.tutti.node.events;

import org.jspecify.annotations.Nullable;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonRecords;

import java.io.PrintStream;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/// One JSON object per event per line.
///
/// Threads: any; the lock keeps lines whole, and the stream under it is a pipe or a terminal. A
/// reader that stops reading stops the node's reports, and with them the node: that is the
/// operator's pipe, not a peer.
public final class JsonEvents implements EventSink {
    private final PrintStream out;
    private final InstantSource clock;

    public JsonEvents(PrintStream out, InstantSource clock) {
        this.out = out;
        this.clock = clock;
    }

    @Override
    public void emit(NodeEvent event) {
        emit(clock.instant(), event);
    }

    @Override
    public void emit(Instant at, NodeEvent event) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("event", event.eventName());
        line.put("t", millis(at));
        line.putAll(JsonRecords.fields((Record) event));
        String text = JsonLine.write(line);
        synchronized (this) {
            out.println(text);
            out.flush();
        }
    }

    /// Milliseconds since 1970 with three digits behind the point.
    static BigDecimal millis(Instant time) {
        return BigDecimal.valueOf(time.getEpochSecond() * 1_000_000L + time.getNano() / 1_000, 3);
    }
}
