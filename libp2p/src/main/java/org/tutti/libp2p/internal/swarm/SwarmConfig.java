package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.muxer.StreamMuxer;
import org.tutti.libp2p.security.SecurityProtocol;
import org.tutti.libp2p.swarm.ConnectionGater;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.time.Timer;

import java.util.List;

/// What a swarm is made of.
///
/// @param self our own id
/// @param transports the first that handles an address is taken
/// @param securities in our order of preference
/// @param muxers in our order of preference
public record SwarmConfig(
        PeerId self,
        List<RawTransport> transports,
        List<SecurityProtocol> securities,
        List<StreamMuxer> muxers,
        ConnectionGater gater,
        ResourceLimits limits,
        Timer timer,
        SwarmListener listener) {
    public SwarmConfig {
        transports = List.copyOf(transports);
        securities = List.copyOf(securities);
        muxers = List.copyOf(muxers);
    }
}
