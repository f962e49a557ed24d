package org.tutti.libp2p.internal.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.dns.DnsResolver;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.upgrade.ConnectionUpgrader;
import org.tutti.libp2p.io.MemoryScope;
import org.tutti.libp2p.metrics.Metrics;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.muxer.yamux.YamuxMuxer;
import org.tutti.libp2p.security.noise.NoiseSecurity;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.ConnectionGater;
import org.tutti.libp2p.swarm.DialOptions;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.InterfaceSource;
import org.tutti.libp2p.swarm.LivenessPolicy;
import org.tutti.libp2p.swarm.PeerClass;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.time.Deadlines;
import org.tutti.libp2p.time.ManualClock;
import org.tutti.libp2p.transport.Transport;
import org.tutti.libp2p.transport.UpgradedTransport;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;

/// A swarm without any protocol: nothing of its own travels after the handshake.
@Timeout(60)
class SilentDialerTest {
    @Test
    void aDialerThatSaysNothingIsConnectedAllTheSame() throws Exception {
        PrivateKey alice = MemoryHosts.key();
        try (MemoryHosts net = new MemoryHosts()) {
            Host bob = net.start(net.builder());
            BlockingQueue<HostEvent> seen = MemoryHosts.events(bob);
            ManualClock clock = new ManualClock();
            SwarmConfig silent =
                    new SwarmConfig(
                            alice.publicKey().peerId(),
                            List.of(transport(net, alice)),
                            new AddressResolver(DnsResolver.system(), clock),
                            ConnectionGater.open(),
                            ResourceLimits.defaults(),
                            new MemoryBudget(ResourceLimits.defaults(), _ -> PeerClass.everybody()),
                            clock,
                            LivenessPolicy.defaults(),
                            new java.util.Random(1),
                            new Deaf(),
                            Metrics.NONE,
                            InterfaceSource.system());
            try (Swarm swarm = new Swarm(silent)) {
                swarm.start();
                Multiaddr address = MemoryHosts.addressOf(bob);
                swarm.connect(bob.peerId(), DialOptions.defaults().only(address), List::of);
                assertThat(MemoryHosts.next(seen, SwarmEvent.ConnectionOpened.class).peer())
                        .isEqualTo(alice.publicKey().peerId());
            }
        }
    }

    private static Transport transport(MemoryHosts net, PrivateKey key) {
        return new UpgradedTransport(
                net.transport(),
                new ConnectionUpgrader(
                        List.of(new NoiseSecurity(key, List.of(YamuxMuxer.PROTOCOL_ID))),
                        List.of(new YamuxMuxer()),
                        (_, _, _) -> {},
                        (_, _) -> MemoryScope.unlimited(),
                        new Deadlines(new ManualClock(), Duration.ofSeconds(10)),
                        System::nanoTime));
    }

    private static final class Deaf implements SwarmListener {
        @Override
        public void connectionOpened(Connection connection) {}

        @Override
        public void connectionClosed(Connection connection) {}
    }
}
