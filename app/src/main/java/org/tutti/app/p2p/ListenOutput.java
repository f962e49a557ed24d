package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.node.events.LinePrinter;

import java.util.Map;

/// What `./tutti p2p listen` prints: JSON or sentences, and a reader who does not read stops
/// nothing. Safe for all threads.
record ListenOutput(PeerOptions options, LinePrinter printer) {
    void print(Map<String, @Nullable Object> fields, String sentence) {
        printer.print(options.line(fields, sentence), this::dropped);
    }

    private String dropped(long count) {
        Map<String, @Nullable Object> fields = PeerOptions.fields();
        fields.put("event", "events-dropped");
        fields.put("count", count);
        return options.line(fields, count + " lines were not printed");
    }
}
