package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.ConnectionGater;
import org.tutti.libp2p.swarm.LivenessPolicy;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.time.Timer;
import org.tutti.libp2p.transport.Transport;

import java.util.List;
import java.util.random.RandomGenerator;

/// What a swarm is made of.
///
/// @param self our own id
/// @param transports the first that handles an address is taken
/// @param names resolves the names in addresses that are dialled
/// @param random spreads dials over time
public record SwarmConfig(
        PeerId self,
        List<Transport> transports,
        AddressResolver names,
        ConnectionGater gater,
        ResourceLimits limits,
        Timer timer,
        LivenessPolicy liveness,
        RandomGenerator random,
        SwarmListener listener) {
    public SwarmConfig {
        transports = List.copyOf(transports);
    }
}
