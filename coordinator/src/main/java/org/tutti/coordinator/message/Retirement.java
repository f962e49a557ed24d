package org.tutti.coordinator.message;

import org.tutti.base.Bytes;

/// A signing key takes its adverts back. It counts, as a tombstone, for as long as any of them
/// could: [Advert#MAX_LIFETIME] from the highest sequence that it takes back.
///
/// @param advertSequence the adverts of the key with this sequence, or a lower one
public record Retirement(Header header, long advertSequence, Bytes envelope) implements Statement {}
