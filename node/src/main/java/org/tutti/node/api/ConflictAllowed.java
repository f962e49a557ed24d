package org.tutti.node.api;

/// Another payment may take the coins of this one.
///
/// @param session id of the payment's session
public record ConflictAllowed(String session) {}
