package org.tutti.node.api;

/// This node's adverts count no longer.
///
/// @param key this node's
/// @param advertised whether it advertised until now
public record AdvertWithdrawn(String key, boolean advertised) {}
