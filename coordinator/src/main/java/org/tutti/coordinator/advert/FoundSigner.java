package org.tutti.coordinator.advert;

import org.tutti.coordinator.message.Advert;

import java.util.OptionalInt;

/// A signer that answers a filter. Its advert is signed; what it claims in it is not thereby true.
///
/// @param via how this node came to know of it
/// @param verified whether a key vouches for it that the operator named
/// @param reputation by the operator's measure; none: unknown
public record FoundSigner(Advert advert, Via via, boolean verified, OptionalInt reputation) {}
