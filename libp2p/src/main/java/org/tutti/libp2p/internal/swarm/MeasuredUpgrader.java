package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.metrics.Metrics;
import org.tutti.libp2p.transport.CapableConnection;
import org.tutti.libp2p.transport.Upgrader;

import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;

/// Tells metrics how long each handshake took and how it ended.
///
/// @param nanoClock monotonic, in nanoseconds
public record MeasuredUpgrader(Upgrader upgrader, Metrics metrics, LongSupplier nanoClock)
        implements Upgrader {
    @FunctionalInterface
    private interface Upgrade {
        CapableConnection run() throws IOException;
    }

    @Override
    public CapableConnection outbound(RawConnection raw, PeerId expected) throws IOException {
        return measured(true, () -> upgrader.outbound(raw, expected));
    }

    @Override
    public CapableConnection inbound(RawConnection raw) throws IOException {
        return measured(false, () -> upgrader.inbound(raw));
    }

    private CapableConnection measured(boolean outbound, Upgrade upgrade) throws IOException {
        long begin = nanoClock.getAsLong();
        String outcome = "FAILED";
        try {
            CapableConnection connection = upgrade.run();
            outcome = Metrics.OK;
            return connection;
        } catch (IOException | RuntimeException e) {
            outcome = Outcomes.of(e);
            throw e;
        } finally {
            metrics.handshakeEnded(
                    outbound, Duration.ofNanos(nanoClock.getAsLong() - begin), outcome);
        }
    }
}
