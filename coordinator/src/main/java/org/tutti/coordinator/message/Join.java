package org.tutti.coordinator.message;

import org.tutti.base.Bytes;

/// A signer agrees to a request, and attests the peer through which it signs.
public record Join(Header header, Bytes envelope) implements Statement {}
