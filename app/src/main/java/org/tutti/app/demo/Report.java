package org.tutti.app.demo;

import org.jspecify.annotations.Nullable;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonObject;
import org.tutti.node.json.JsonRecords;

import java.io.PrintWriter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// What the demo prints: a time line for people, or one JSON object per event per line.
///
/// Threads: the demo's and those that read the nodes' output; the lock keeps lines whole and guards
/// `lastOf`.
final class Report {
    private final PrintWriter out;
    private final boolean json;
    private final long start = System.nanoTime();
    private final Map<String, String> lastOf = new HashMap<>();

    Report(PrintWriter out, boolean json) {
        this.out = out;
        this.json = json;
    }

    /// Something that the driver did, or saw to be complete in all nodes.
    void step(String name, String text) {
        if (json) {
            Map<String, @Nullable Object> line = new LinkedHashMap<>();
            line.put("event", "step");
            line.put("step", name);
            line.put("millis", Math.round(elapsedMillis() * 10) / 10.0);
            line.put("text", text);
            print(JsonLine.write(line));
        } else {
            print(String.format(Locale.ROOT, "%9.1f ms  %-8s %s", elapsedMillis(), "", text));
        }
    }

    /// An event of one process.
    void event(String source, JsonObject event) {
        if (json) {
            Map<String, @Nullable Object> line = new LinkedHashMap<>();
            line.put("event", event.text("event").orElse("?"));
            line.put("from", source);
            event.fields().forEach(line::putIfAbsent);
            print(JsonLine.write(line));
        } else {
            ManagedProcess.nodeEvent(event)
                    .flatMap(TimelineText::of)
                    .filter(text -> isNew(source, text))
                    .ifPresent(text ->
                            print(
                                    String.format(
                                            Locale.ROOT,
                                            "%9.1f ms  %-8s %s",
                                            elapsedMillis(),
                                            source,
                                            text)));
        }
    }

    /// A signer was ended or started by the driver.
    ///
    /// @param name of the event, as `signer-away`
    /// @param key the signer's
    void signer(String name, String node, String key) {
        if (json) {
            Map<String, @Nullable Object> line = new LinkedHashMap<>();
            line.put("event", name);
            line.put("node", node);
            line.put("key", key);
            line.put("millis", Math.round(elapsedMillis() * 10) / 10.0);
            print(JsonLine.write(line));
        } else {
            print(
                    String.format(
                            Locale.ROOT,
                            "%9.1f ms  %-8s %s",
                            elapsedMillis(),
                            node,
                            name.replace('-', ' ')));
        }
    }

    /// The finder has found a signer.
    ///
    /// @param key the signer's
    /// @param via `dht`, `gossip`, `direct` or `cache`
    void found(String key, String via) {
        if (json) {
            Map<String, @Nullable Object> line = new LinkedHashMap<>();
            line.put("event", "found");
            line.put("signer", key);
            line.put("via", via);
            line.put("millis", Math.round(elapsedMillis() * 10) / 10.0);
            print(JsonLine.write(line));
        } else {
            print(
                    String.format(
                            Locale.ROOT,
                            "%9.1f ms  %-8s found %s by %s",
                            elapsedMillis(),
                            "node-1",
                            key.substring(0, 8),
                            via));
        }
    }

    /// A request has reached a node: from whom. In text its own event says it.
    void requestReceived(String node, NodeEvent.RequestArrived event) {
        if (json) {
            Map<String, @Nullable Object> line = new LinkedHashMap<>();
            line.put("event", "request-received");
            line.put("node", node);
            line.put("from", event.byRequester() ? "requester" : "holder");
            line.put("via", JsonRecords.name(event.via()));
            line.put("request", event.request());
            line.put("peerId", event.peerId());
            line.put("millis", Math.round(elapsedMillis() * 10) / 10.0);
            print(JsonLine.write(line));
        }
    }

    /// False if this process said the same just before, as it does while a Bitcoin peer is
    /// unreachable.
    private synchronized boolean isNew(String source, String text) {
        return !text.equals(lastOf.put(source, text));
    }

    /// The last line.
    void done(Map<String, ? extends @Nullable Object> fields, String text) {
        print(json ? JsonLine.write(fields) : text);
    }

    private double elapsedMillis() {
        return (System.nanoTime() - start) / 1_000_000.0;
    }

    private synchronized void print(String line) {
        out.println(line);
        out.flush();
    }
}
