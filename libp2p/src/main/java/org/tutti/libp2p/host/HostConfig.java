package org.tutti.libp2p.host;

import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.time.Timer;

import java.util.List;

/// The settings of the builder that a host keeps.
///
/// @param timer closed with the host
record HostConfig(PrivateKey identity, List<Multiaddr> listen, ResourceLimits limits, Timer timer) {
    HostConfig {
        listen = List.copyOf(listen);
    }
}
