package org.tutti.node.daemon;

import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.node.events.NodeEvent;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Refused connections, counted instead of told one by one: whoever connects again and again fills
/// no log. A pure engine; not safe for threads.
final class RefusedConnections {
    /// How often a code is told.
    static final Duration INTERVAL = Duration.ofMinutes(1);

    /// Most codes: there are not that many.
    private static final int MAX_CODES = 64;

    private record Told(Instant at, long since) {}

    private final Map<String, Told> codes = new HashMap<>();

    /// @return what to tell now, if anything
    Optional<NodeEvent.InboundRefused> refused(SwarmEvent.InboundRefused event, Instant now) {
        Told told = codes.get(event.code());
        if (told == null && codes.size() >= MAX_CODES) {
            return Optional.empty();
        }
        long count = told == null ? 1 : told.since() + 1;
        if (told != null && !isDue(told, now)) {
            codes.put(event.code(), new Told(told.at(), count));
            return Optional.empty();
        }
        codes.put(event.code(), new Told(now, 0));
        return Optional.of(
                new NodeEvent.InboundRefused(
                        event.remoteAddress().toString(), event.code(), event.detail(), count));
    }

    /// A clock that was set back starts anew.
    private static boolean isDue(Told told, Instant now) {
        return now.isBefore(told.at()) || !now.isBefore(told.at().plus(INTERVAL));
    }
}
