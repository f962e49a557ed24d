package org.tutti.libp2p.internal.multistream;

import org.tutti.base.Bytes;

/// What two sides agreed on.
///
/// @param readAhead bytes of the protocol itself that arrived with the negotiation: read them first
public record Negotiated(String protocol, Bytes readAhead) {}
