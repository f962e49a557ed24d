package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.metrics.Metrics;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.transport.CapableConnection;
import org.tutti.libp2p.transport.Listener;
import org.tutti.libp2p.transport.Transport;

import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;

/// Tells metrics how long each dial took and how it ended.
///
/// @param nanoClock monotonic, in nanoseconds
public record MeasuredTransport(Transport transport, Metrics metrics, LongSupplier nanoClock)
        implements Transport {
    @Override
    public boolean handles(Multiaddr address) {
        return transport.handles(address);
    }

    @Override
    public CapableConnection dial(Multiaddr address, PeerId peer, Duration timeout)
            throws IOException {
        long begin = nanoClock.getAsLong();
        String outcome = "FAILED";
        try {
            CapableConnection connection = transport.dial(address, peer, timeout);
            outcome = Metrics.OK;
            return connection;
        } catch (IOException | RuntimeException e) {
            outcome = Outcomes.of(e);
            throw e;
        } finally {
            metrics.dialEnded(address, Duration.ofNanos(nanoClock.getAsLong() - begin), outcome);
        }
    }

    @Override
    public Listener listen(Multiaddr address) throws IOException {
        return transport.listen(address);
    }
}
