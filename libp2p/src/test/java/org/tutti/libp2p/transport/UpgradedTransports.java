package org.tutti.libp2p.transport;

import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.upgrade.ConnectionUpgrader;
import org.tutti.libp2p.io.MemoryScope;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.muxer.yamux.YamuxMuxer;
import org.tutti.libp2p.security.noise.NoiseSecurity;
import org.tutti.libp2p.time.Deadlines;
import org.tutti.libp2p.time.ManualClock;

import java.time.Duration;
import java.util.List;

/// Noise and Yamux on top of bytes.
public final class UpgradedTransports {
    private UpgradedTransports() {}

    public static Transport of(RawTransport raw, PrivateKey identity, PeerCheck check) {
        return new UpgradedTransport(
                raw,
                new ConnectionUpgrader(
                        List.of(new NoiseSecurity(identity, List.of(YamuxMuxer.PROTOCOL_ID))),
                        List.of(new YamuxMuxer()),
                        check,
                        (_, _) -> MemoryScope.unlimited(),
                        // They expire when somebody moves the clock.
                        new Deadlines(new ManualClock(), Duration.ofSeconds(10)),
                        System::nanoTime));
    }
}
