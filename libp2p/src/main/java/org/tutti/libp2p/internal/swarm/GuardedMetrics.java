package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.metrics.Metrics;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.Connection;

import java.time.Duration;
import java.util.function.Consumer;

/// Calls a program's metrics so that what they throw reaches the log and nothing else.
public record GuardedMetrics(Metrics metrics) implements Metrics {
    private static final System.Logger LOG = System.getLogger(GuardedMetrics.class.getName());

    /// The same metrics, guarded; [Metrics#NONE] stays as it is.
    public static Metrics of(Metrics metrics) {
        return metrics.equals(NONE) ? NONE : new GuardedMetrics(metrics);
    }

    private void tell(Consumer<Metrics> what) {
        try {
            what.accept(metrics);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "the metrics failed", e);
        }
    }

    @Override
    public void connectionOpened(Connection connection) {
        tell(m -> m.connectionOpened(connection));
    }

    @Override
    public void connectionClosed(Connection connection, Duration lasted) {
        tell(m -> m.connectionClosed(connection, lasted));
    }

    @Override
    public void dialEnded(Multiaddr address, Duration took, String outcome) {
        tell(m -> m.dialEnded(address, took, outcome));
    }

    @Override
    public void handshakeEnded(boolean outbound, Duration took, String outcome) {
        tell(m -> m.handshakeEnded(outbound, took, outcome));
    }

    @Override
    public void refused(String reason) {
        tell(m -> m.refused(reason));
    }

    @Override
    public void streamOpened(String protocol, boolean inbound) {
        tell(m -> m.streamOpened(protocol, inbound));
    }

    @Override
    public void streamClosed(String protocol, boolean inbound, long bytesIn, long bytesOut) {
        tell(m -> m.streamClosed(protocol, inbound, bytesIn, bytesOut));
    }
}
