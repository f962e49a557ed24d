package org.tutti.signing.internal.engine;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// What happened in many worlds.
final class WorldCounts {
    private final Map<WorldFault, Long> faults = new EnumMap<>(WorldFault.class);
    private final Map<String, Long> others = new TreeMap<>();

    void hit(WorldFault fault) {
        faults.merge(fault, 1L, Long::sum);
    }

    long of(WorldFault fault) {
        return faults.getOrDefault(fault, 0L);
    }

    void count(String what) {
        others.merge(what, 1L, Long::sum);
    }

    /// Adds what happened elsewhere.
    synchronized void add(WorldCounts more) {
        more.faults.forEach((fault, count) -> faults.merge(fault, count, Long::sum));
        more.others.forEach((what, count) -> others.merge(what, count, Long::sum));
    }

    long of(String what) {
        return others.getOrDefault(what, 0L);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("faults that hit a live phase:\n");
        for (WorldFault fault : WorldFault.values()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "  %-18s %6d%n",
                            fault.name().toLowerCase(Locale.ROOT),
                            of(fault)));
        }
        text.append("and:\n");
        others.forEach((what, count) ->
                text.append(String.format(Locale.ROOT, "  %-40s %6d%n", what, count)));
        return text.toString();
    }
}
