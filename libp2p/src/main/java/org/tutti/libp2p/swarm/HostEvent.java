package org.tutti.libp2p.swarm;

/// Something that a host tells its subscribers. The swarm's own events are the cases of
/// [SwarmEvent]; each protocol has types of its own, which implement this interface, so that a new
/// protocol changes none of those that exist. Immutable.
public interface HostEvent {}
