package org.tutti.node.api;

import org.tutti.node.json.JsonOmitted;

import java.util.Optional;

/// A payment that another transaction is to take the place of.
///
/// @param id as for [NodeApi#payment]
/// @param feeRate satoshi per virtual byte, 1 to [PayRequest#MAX_FEE_RATE]; as little as replaces
///   what was sent before if absent
public record ReplaceRequest(String id, @JsonOmitted Optional<Long> feeRate) {}
