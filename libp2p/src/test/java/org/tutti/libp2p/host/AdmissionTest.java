package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.ping.Ping;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.security.SecureConnection;
import org.tutti.libp2p.swarm.AdmissionPolicy;
import org.tutti.libp2p.swarm.GatedException;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.PeerClass;
import org.tutti.libp2p.swarm.PeerLists;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.StreamRefused;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.swarm.SwarmEvent.ConnectionClosed;
import org.tutti.libp2p.swarm.SwarmEvent.ConnectionOpened;
import org.tutti.libp2p.swarm.SwarmEvent.InboundRefused;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;

/// Classes of peers: members may use everything, strangers what is open to them, and of room only
/// what members leave.
@Timeout(60)
class AdmissionTest {
    private static final String SIGN = "/sign/1";
    private static final String ASK = "/ask/1";
    private static final int ROOM = 4;

    private final MemoryHosts net = new MemoryHosts();
    private final PeerLists members = PeerLists.only(List.of());

    @AfterEach
    void close() {
        net.close();
    }

    private Host alice(AdmissionPolicy policy) throws IOException {
        return net.start(
                net.builder()
                        .gater(policy)
                        .limits(ResourceLimits.builder().maxConnections(ROOM).build())
                        .handler(SIGN, AdmissionTest::answer)
                        .handler(ASK, AdmissionTest::answer));
    }

    private static void answer(Stream stream) throws IOException {
        stream.write(new byte[1], 0, 1);
    }

    private PeerClass member() {
        return PeerClass.builder("member").peers(members).build();
    }

    private static PeerClass open(int connections) {
        return PeerClass.builder("public")
                .protocols(Set.of(ASK))
                .maxConnections(connections)
                .evictedFirst()
                .build();
    }

    private static void ask(Host from, Host to, String protocol) throws IOException {
        try (Stream stream = from.newStream(to.peerId(), protocol)) {
            assertThat(stream.read(new byte[1], 0, 1)).isEqualTo(1);
        }
    }

    @Test
    void aStrangerMayUseWhatIsOpenAndNothingElse() throws Exception {
        Host alice = alice(AdmissionPolicy.of(member(), PeerClass.infrastructure(), open(9)));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Host bob = net.start(net.builder());
        bob.connect(MemoryHosts.addressOf(alice));
        ask(bob, alice, ASK);
        assertThat(bob.ping(alice.peerId())).isPositive();
        assertThatThrownBy(() -> ask(bob, alice, SIGN)).isInstanceOf(IOException.class);
        assertThat(MemoryHosts.next(seen, StreamRefused.class))
                .isEqualTo(new StreamRefused(bob.peerId(), SIGN, "GATED", "c1"));
        members.allow(bob.peerId());
        ask(bob, alice, SIGN);
    }

    @Test
    void whereNothingIsOpenAStrangerIsClosedBeforeAByteOfTheMuxer() throws Exception {
        Host alice = alice(AdmissionPolicy.of(member(), PeerClass.infrastructure()));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        try (SecureConnection stranger =
                ScriptedPeer.secure(
                        net.transport(), MemoryHosts.addressOf(alice), MemoryHosts.key())) {
            // Identify would be the first that alice says.
            assertThat(stranger.read(new byte[1], 0, 1)).isEqualTo(-1);
        }
        assertThat(MemoryHosts.next(seen, InboundRefused.class).code()).isEqualTo("GATED");
        Host bob = net.start(net.builder());
        assertThatThrownBy(() -> alice.connect(MemoryHosts.addressOf(bob)))
                .isInstanceOf(GatedException.class);
        members.allow(bob.peerId());
        assertThat(alice.connect(MemoryHosts.addressOf(bob)).isOpen()).isTrue();
    }

    @Test
    void whoeverIsOneTooManyIsClosedBeforeAByteOfTheMuxer() throws Exception {
        Host alice = alice(AdmissionPolicy.of(member(), open(9)));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        for (int i = 0; i < ROOM; i++) {
            Host bob = net.start(net.builder());
            members.allow(bob.peerId());
            bob.connect(MemoryHosts.addressOf(alice));
            MemoryHosts.next(seen, ConnectionOpened.class);
        }
        try (SecureConnection stranger =
                ScriptedPeer.secure(
                        net.transport(), MemoryHosts.addressOf(alice), MemoryHosts.key())) {
            assertThat(stranger.read(new byte[1], 0, 1)).isEqualTo(-1);
        }
        InboundRefused refused = MemoryHosts.next(seen, InboundRefused.class);
        assertThat(refused.code()).isEqualTo("LIMIT_EXCEEDED");
        assertThat(alice.refusals()).containsEntry("maxConnections", 1L);
        assertThat(alice.connectedPeers()).hasSize(ROOM);
    }

    @Test
    void aFullPublicClassTakesNoRoomOfMembersAndIsEvictedFirst() throws Exception {
        Host alice = alice(AdmissionPolicy.of(member(), open(ROOM)));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        List<ScriptedPeer> strangers = new ArrayList<>();
        for (int i = 0; i < 3 * ROOM; i++) {
            strangers.add(
                    ScriptedPeer.connect(
                            net.transport(), MemoryHosts.addressOf(alice), MemoryHosts.key()));
            MemoryHosts.next(seen, ConnectionOpened.class);
        }
        assertThat(alice.connectedPeers()).hasSize(ROOM);
        for (int i = 0; i < ROOM; i++) {
            Host bob = net.start(net.builder());
            members.allow(bob.peerId());
            bob.connect(MemoryHosts.addressOf(alice));
            assertThat(MemoryHosts.next(seen, ConnectionOpened.class).peer())
                    .isEqualTo(bob.peerId());
            ask(bob, alice, SIGN);
        }
        assertThat(alice.connectedPeers()).hasSize(ROOM).allMatch(members::mayConnect);
        strangers.forEach(ScriptedPeer::close);
    }

    @Test
    void whoIsTakenFromTheListInMidStreamLosesItAtOnce() throws Exception {
        Host alice = alice(AdmissionPolicy.of(member(), PeerClass.infrastructure()));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        PrivateKey bob = MemoryHosts.key();
        members.allow(bob.publicKey().peerId());
        try (ScriptedPeer connection =
                ScriptedPeer.connect(net.transport(), MemoryHosts.addressOf(alice), bob)) {
            MuxedStream ping = connection.openStream(Ping.PROTOCOL);
            byte[] payload = new byte[32];
            ping.write(payload, 0, payload.length);
            assertThat(ping.read(payload, 0, payload.length)).isPositive();
            // Half a message is under way.
            ping.write(payload, 0, 16);
            members.disallow(bob.publicKey().peerId());
            assertThat(MemoryHosts.next(seen, ConnectionClosed.class).peer())
                    .isEqualTo(bob.publicKey().peerId());
            assertThatThrownBy(
                            () -> {
                                while (ping.read(payload, 0, payload.length) >= 0) {
                                    // The rest of the answer.
                                }
                                throw new IOException("ended");
                            })
                    .isInstanceOf(IOException.class);
        }
        assertThat(alice.connectedPeers()).isEmpty();
        try (SecureConnection again =
                ScriptedPeer.secure(net.transport(), MemoryHosts.addressOf(alice), bob)) {
            assertThat(again.read(new byte[1], 0, 1)).isEqualTo(-1);
        }
    }

    @Test
    void anotherGaterHasToAgree() throws Exception {
        PeerLists blocked = PeerLists.everybody();
        Host alice = alice(AdmissionPolicy.of(open(9)).within(blocked));
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Host bob = net.start(net.builder());
        bob.connect(MemoryHosts.addressOf(alice));
        MemoryHosts.next(seen, ConnectionOpened.class);
        blocked.block(bob.peerId());
        assertThat(MemoryHosts.next(seen, SwarmEvent.ConnectionClosed.class).peer())
                .isEqualTo(bob.peerId());
    }

    @Test
    void classesHaveNamesOfTheirOwn() {
        assertThatThrownBy(() -> AdmissionPolicy.of(open(1), open(2)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PeerClass.builder("two words"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PeerClass.builder("small").maxReceiveMemory(1).build())
                .isInstanceOf(IllegalArgumentException.class);
    }
}
