package org.tutti.libp2p.swarm;

import org.tutti.libp2p.identity.PeerId;

/// A limit reset a stream of a peer: one that the peer opened, before its handler saw it; or one
/// with unread bytes for which there was no memory left.
///
/// @param protocol empty if none was agreed on yet, or where it is not known
/// @param reason the name of the limit of `ResourceLimits` that was reached, `maxStreamsPerPeer`
///   for the bound of one protocol, `receiveMemory` if there was no memory for what is not read, or
///   `GATED` if the gater allows this peer no such protocol
/// @param connectionId see [Connection#id]; empty where it is not known
public record StreamRefused(PeerId peer, String protocol, String reason, String connectionId)
        implements HostEvent {}
