package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.metrics.Metrics;
import org.tutti.libp2p.swarm.ConnectionGater;
import org.tutti.libp2p.swarm.InterfaceSource;
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
/// @param memory what its connections hold
/// @param names resolves the names in addresses that are dialled
/// @param metrics guarded: throws nothing
/// @param interfaces what a listener on all interfaces stands for
/// @param random spreads dials over time
public record SwarmConfig(
        PeerId self,
        List<Transport> transports,
        AddressResolver names,
        ConnectionGater gater,
        ResourceLimits limits,
        MemoryBudget memory,
        Timer timer,
        LivenessPolicy liveness,
        RandomGenerator random,
        SwarmListener listener,
        Metrics metrics,
        InterfaceSource interfaces) {
    public SwarmConfig {
        transports = List.copyOf(transports);
    }
}
