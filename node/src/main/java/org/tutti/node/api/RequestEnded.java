package org.tutti.node.api;

/// A request that is over on this node.
///
/// @param request its id, 64 hex digits
public record RequestEnded(String request) {}
