package org.tutti.node.api;

import java.util.List;

/// The requests of a node.
///
/// @param requests newest first
public record Requests(List<RequestInfo> requests) {
    public Requests {
        requests = List.copyOf(requests);
    }
}
