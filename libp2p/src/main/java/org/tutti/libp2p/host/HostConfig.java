package org.tutti.libp2p.host;

import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.files.PeriodicSave;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.time.Timer;

import java.util.List;
import java.util.Optional;

/// The settings of the builder that a host keeps.
///
/// @param timer closed with the host
/// @param persistence of what is known of peers
/// @param scores persistence of what is held against them
record HostConfig(
        PrivateKey identity,
        List<Multiaddr> listen,
        ResourceLimits limits,
        Timer timer,
        Optional<PeriodicSave> persistence,
        Optional<PeriodicSave> scores) {
    HostConfig {
        listen = List.copyOf(listen);
    }
}
