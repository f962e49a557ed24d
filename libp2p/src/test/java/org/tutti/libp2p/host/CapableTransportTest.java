package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.muxer.MuxedConnection;
import org.tutti.libp2p.muxer.yamux.YamuxMuxer;
import org.tutti.libp2p.ping.PingStream;
import org.tutti.libp2p.security.SecureConnection;
import org.tutti.libp2p.security.noise.NoiseSecurity;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.ConnectionGater;
import org.tutti.libp2p.swarm.DialOptions;
import org.tutti.libp2p.swarm.GatedException;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.NotConnectedException;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.swarm.WrongPeerException;
import org.tutti.libp2p.transport.CapableConnection;
import org.tutti.libp2p.transport.Listener;
import org.tutti.libp2p.transport.PeerCheck;
import org.tutti.libp2p.transport.PendingConnection;
import org.tutti.libp2p.transport.Transport;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// A transport that needs no upgrader, as QUIC will be: it authenticates and carries streams by
/// itself.
@Timeout(60)
class CapableTransportTest {
    private final MemoryHosts net = new MemoryHosts();

    @AfterEach
    void close() {
        net.close();
    }

    private HostBuilder builder(PrivateKey key) {
        return Host.builder()
                .identity(key)
                .transport(context -> new SelfMade(net.transport(), key, context.check()))
                .listen(Multiaddr.parse("/memory/0"));
    }

    @Test
    void hostsConnectOverATransportThatSecuresItsConnectionsItself() throws Exception {
        Host alice = net.start(builder(MemoryHosts.key()));
        Host bob = net.start(builder(MemoryHosts.key()));
        Connection connection = alice.connect(MemoryHosts.addressOf(bob));
        assertThat(connection.remoteKey()).isEqualTo(bob.publicKey());
        assertThat(connection.isLimited()).isTrue();
        try (PingStream pings = alice.openPing(connection)) {
            assertThat(pings.ping()).isPositive();
        }
        assertThat(alice.awaitIdentified(connection, Duration.ofSeconds(20)).peer())
                .isEqualTo(bob.peerId());
    }

    @Test
    void aLimitedConnectionIsGivenOnlyToWhomItWillDo() throws Exception {
        Host alice = net.start(builder(MemoryHosts.key()));
        Host bob = net.start(builder(MemoryHosts.key()));
        Connection connection = alice.connect(MemoryHosts.addressOf(bob));
        DialOptions noDial = DialOptions.defaults().noDial();
        assertThatThrownBy(() -> alice.connect(bob.peerId(), noDial))
                .isInstanceOf(NotConnectedException.class);
        assertThat(alice.connect(bob.peerId(), noDial.allowLimited())).isSameAs(connection);
    }

    /// What another dial led to is given like an open connection: only to whom it will do.
    @Test
    void aDialThatIsJoinedGivesALimitedConnectionOnlyToWhomItWillDo() throws Exception {
        Gate gate = new Gate(net.transport());
        PrivateKey key = MemoryHosts.key();
        Host alice =
                net.start(
                        Host.builder()
                                .identity(key)
                                .transport(context -> new SelfMade(gate, key, context.check()))
                                .listen(Multiaddr.parse("/memory/0")));
        Host bob = net.start(builder(MemoryHosts.key()));
        alice.addAddress(bob.peerId(), MemoryHosts.addressOf(bob));
        DialOptions any = DialOptions.defaults().allowLimited();
        FutureTask<Connection> owner = dial(alice, bob, any);
        assertThat(gate.dialled.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
        FutureTask<Connection> allowing = dial(alice, bob, any);
        FutureTask<Connection> strict = dial(alice, bob, DialOptions.defaults());
        gate.open.release(1);
        Connection first = owner.get(20, TimeUnit.SECONDS);
        assertThat(allowing.get(20, TimeUnit.SECONDS)).isSameAs(first);
        assertThat(gate.dialled.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
        assertThat(strict.isDone()).isFalse();
        gate.open.release(1);
        assertThat(strict.get(20, TimeUnit.SECONDS)).isNotSameAs(first);
    }

    private static FutureTask<Connection> dial(Host host, Host peer, DialOptions options) {
        FutureTask<Connection> dial = new FutureTask<>(() -> host.connect(peer.peerId(), options));
        Thread thread = Thread.ofVirtual().start(dial);
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        return dial;
    }

    /// Each dial waits until the test lets it go on.
    private record Gate(RawTransport inner, Semaphore dialled, Semaphore open)
            implements RawTransport {
        Gate(RawTransport inner) {
            this(inner, new Semaphore(0), new Semaphore(0));
        }

        @Override
        public boolean handles(Multiaddr address) {
            return inner.handles(address);
        }

        @Override
        public RawConnection dial(Multiaddr address, Duration timeout) throws IOException {
            dialled.release();
            open.acquireUninterruptibly();
            return inner.dial(address, timeout);
        }

        @Override
        public RawListener listen(Multiaddr address) throws IOException {
            return inner.listen(address);
        }
    }

    @Test
    void suchATransportAsksWhetherAPeerMayStayAsSoonAsItKnowsWhoItIs() throws Exception {
        PrivateKey mallory = MemoryHosts.key();
        Host alice =
                net.start(
                        builder(MemoryHosts.key())
                                .gater(
                                        ConnectionGater.peers(
                                                p -> !p.equals(mallory.publicKey().peerId()))));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Host malloryHost = net.start(builder(mallory));
        malloryHost.connect(MemoryHosts.addressOf(alice));
        assertThat(MemoryHosts.next(seen, SwarmEvent.InboundRefused.class).code())
                .isEqualTo("GATED");
        assertThatThrownBy(() -> alice.connect(MemoryHosts.addressOf(malloryHost)))
                .isInstanceOf(GatedException.class);
    }

    @Test
    void anotherPeerThanTheOneDialledIsNotTakenForIt() throws Exception {
        Host alice = net.start(builder(MemoryHosts.key()));
        Host bob = net.start(builder(MemoryHosts.key()));
        PeerId carol = MemoryHosts.key().publicKey().peerId();
        Multiaddr wrong = MemoryHosts.addressOf(bob).withoutPeerId().withPeerId(carol);
        assertThatThrownBy(() -> alice.connect(wrong)).isInstanceOf(WrongPeerException.class);
    }

    /// Runs its handshake and its muxer without asking the host for either.
    private record SelfMade(RawTransport raw, PrivateKey key, PeerCheck check)
            implements Transport {
        @Override
        public boolean handles(Multiaddr address) {
            return raw.handles(address);
        }

        @Override
        public CapableConnection dial(Multiaddr address, PeerId peer, Duration timeout)
                throws IOException {
            RawConnection connection = raw.dial(address, timeout);
            return checked(noise().secureOutbound(connection, peer), true);
        }

        private NoiseSecurity noise() {
            return new NoiseSecurity(key, List.of(YamuxMuxer.PROTOCOL_ID));
        }

        private CapableConnection checked(SecureConnection secure, boolean outbound)
                throws IOException {
            try {
                check.check(secure.remotePeer(), secure.raw().remoteAddress(), outbound);
            } catch (IOException e) {
                secure.close();
                throw e;
            }
            return new Carrier(secure, new YamuxMuxer().open(secure, outbound));
        }

        @Override
        public Listener listen(Multiaddr address) throws IOException {
            RawListener listener = raw.listen(address);
            return new Listener() {
                @Override
                public PendingConnection accept() throws IOException {
                    RawConnection connection = listener.accept();
                    return new PendingConnection() {
                        @Override
                        public Multiaddr localAddress() {
                            return connection.localAddress();
                        }

                        @Override
                        public Multiaddr remoteAddress() {
                            return connection.remoteAddress();
                        }

                        @Override
                        public CapableConnection upgrade() throws IOException {
                            return checked(noise().secureInbound(connection), false);
                        }

                        @Override
                        public void close() {
                            connection.close();
                        }
                    };
                }

                @Override
                public List<Multiaddr> addresses() {
                    return listener.addresses();
                }

                @Override
                public void close() {
                    listener.close();
                }
            };
        }
    }

    private record Carrier(SecureConnection secure, MuxedConnection muxed)
            implements CapableConnection {
        @Override
        public PeerId remotePeer() {
            return secure.remotePeer();
        }

        @Override
        public PublicKey remoteKey() {
            return secure.remoteKey();
        }

        @Override
        public Multiaddr localAddress() {
            return secure.raw().localAddress();
        }

        @Override
        public Multiaddr remoteAddress() {
            return secure.raw().remoteAddress();
        }

        @Override
        public boolean isLimited() {
            return true;
        }
    }
}
