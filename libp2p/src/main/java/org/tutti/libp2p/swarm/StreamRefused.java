package org.tutti.libp2p.swarm;

import org.tutti.libp2p.identity.PeerId;

/// A limit reset a stream of a peer: one that the peer opened, before its handler saw it; or one
/// with unread bytes for which there was no memory left.
///
/// @param protocol empty if none was agreed on yet, or where it is not known
/// @param reason the name of the limit of `ResourceLimits` that was reached, `maxStreamsPerPeer`
///   for the bound of one protocol, `receiveMemory` if there was no memory for what is not read, or
///   `GATED` if the gater allows this peer no such protocol; of a bound of the muxer's its name
///   behind the muxer's, such as `yamux.maxStreams`, `yamux.ackBacklog` (streams that were not
///   accepted yet), `yamux.receiveWindow` (the peer sent more than it may), `yamux.dataAfterEnd`,
///   `yamux.lingerTimeout` (we had closed the stream, and the peer never ended it)
/// @param connectionId see [Connection#id]; empty where it is not known
public record StreamRefused(PeerId peer, String protocol, String reason, String connectionId)
        implements HostEvent {}
