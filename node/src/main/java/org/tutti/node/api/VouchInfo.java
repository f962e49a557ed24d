package org.tutti.node.api;

/// This node's word for the key of a signer.
///
/// @param vouch as the signer gives it with its advert
public record VouchInfo(String key, String vouch) {}
