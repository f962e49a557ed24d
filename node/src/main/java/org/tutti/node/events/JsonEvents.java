package org.tutti.node.events;

import org.jspecify.annotations.Nullable;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonRecords;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// An event as one JSON object, in ASCII.
public final class JsonEvents implements EventFormat {
    @Override
    public String line(Instant at, NodeEvent event) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("event", event.eventName());
        line.put("t", millis(at));
        if (event instanceof NodeEvent.OfGroup(String group, NodeEvent inner)) {
            line.put("group", group);
            line.putAll(JsonRecords.fields((Record) inner));
        } else {
            line.putAll(JsonRecords.fields((Record) event));
        }
        return JsonLine.write(line);
    }

    /// Milliseconds since 1970 with three digits behind the point.
    static BigDecimal millis(Instant time) {
        return BigDecimal.valueOf(time.getEpochSecond() * 1_000_000L + time.getNano() / 1_000, 3);
    }
}
