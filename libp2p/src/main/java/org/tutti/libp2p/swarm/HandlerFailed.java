package org.tutti.libp2p.swarm;

import org.tutti.libp2p.identity.PeerId;

/// A handler threw an exception, and its stream was reset.
///
/// @param cause what it threw: an `IOException` often means that the peer left, reset the stream or
///   was too slow, anything unchecked is a fault of the handler
public record HandlerFailed(PeerId peer, String protocol, Throwable cause) implements HostEvent {}
