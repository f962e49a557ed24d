package org.tutti.libp2p.internal.kad;

import org.tutti.base.Bytes;

/// A value under a key, as it travels and as it is kept; whether it is valid is for
/// [org.tutti.libp2p.kad.record.RecordValidators] to say.
///
/// @param receivedMillis when whoever sends it received it, since 1970
public record Value(Bytes key, Bytes value, long receivedMillis) {}
