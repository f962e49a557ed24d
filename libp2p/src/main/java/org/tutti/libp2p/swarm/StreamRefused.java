package org.tutti.libp2p.swarm;

import org.tutti.libp2p.identity.PeerId;

/// A stream that a peer opened was reset before its handler saw it.
///
/// @param protocol empty if none was agreed on yet
/// @param reason the name of the limit of `ResourceLimits` that was reached, `maxStreamsPerPeer`
///   for the bound of one protocol, or `GATED` if the gater allows this peer no such protocol
/// @param connectionId see [Connection#id]
public record StreamRefused(PeerId peer, String protocol, String reason, String connectionId)
        implements HostEvent {}
