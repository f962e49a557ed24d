package org.tutti.node.api;

import org.tutti.node.json.JsonOmitted;

import java.util.Optional;

/// Which events are asked for.
///
/// @param after number of the last one that is known; only what happens from now on if absent
/// @param id those of this request, or of this session, alone
/// @param waitMillis how long to wait if there is none yet, at most [#MAX_WAIT_MILLIS]
public record SessionWatch(
        @JsonOmitted Optional<Long> after, @JsonOmitted Optional<String> id, long waitMillis) {
    public static final long MAX_WAIT_MILLIS = 20_000;
}
