package org.tutti.node.api;

import java.util.List;

/// The sessions of requests.
///
/// @param sessions newest first
public record Sessions(List<SessionInfo> sessions) {
    public Sessions {
        sessions = List.copyOf(sessions);
    }
}
