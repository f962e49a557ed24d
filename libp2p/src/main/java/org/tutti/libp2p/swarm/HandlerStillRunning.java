package org.tutti.libp2p.swarm;

import org.tutti.libp2p.identity.PeerId;

/// A host was closed, and this handler of a stream has not ended, although its stream has and its
/// thread was interrupted.
public record HandlerStillRunning(PeerId peer, String protocol) implements HostEvent {}
