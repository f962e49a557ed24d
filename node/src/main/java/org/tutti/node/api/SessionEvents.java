package org.tutti.node.api;

import java.util.List;

/// What happened to requests and their sessions.
///
/// @param next number to ask after the next time
/// @param missed how many were asked for and are no longer kept
/// @param lines the node's events, each one JSON object as the node prints it
public record SessionEvents(long next, long missed, List<String> lines) {
    public SessionEvents {
        lines = List.copyOf(lines);
    }
}
