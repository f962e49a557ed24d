package org.tutti.libp2p.kad.record;

import org.tutti.base.Bytes;

/// The highest sequence that a reader was shown under a key.
///
/// @param key of at most `RecordValidators.MAX_KEY` bytes
/// @param until milliseconds since 1970, until when a record with a lower sequence can be valid
///   ([ValidRecord#rememberedUntil])
public record SeenSequence(Bytes key, long sequence, long until) {}
