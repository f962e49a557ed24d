package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.transport.memory.MemoryNetwork;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.keystore.NodeKeys;
import org.tutti.signing.group.Member;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// Three members on a network in memory.
@Timeout(60)
class MemberConnectorTest {
    private static final MemberConnector.Timing QUICK =
            new MemberConnector.Timing(Duration.ofMillis(1), Duration.ofMillis(5), Duration.ZERO);

    private final MemoryNetwork network = new MemoryNetwork();
    private final TestGroup group = new TestGroup();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    @AfterEach
    void closeAll() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    @Test
    void allMembersAreConnectedAndEachSaysSo() throws Exception {
        List<RecordedEvents> events = IntStream.range(0, 3).mapToObj(this::startMember).toList();
        for (RecordedEvents member : events) {
            assertThat(member.await(NodeEvent.PeerConnected.class).connected()).isEqualTo(1);
            assertThat(member.await(NodeEvent.PeerConnected.class).connected()).isEqualTo(2);
            assertThat(member.await(NodeEvent.AllMembersConnected.class).members()).isEqualTo(3);
        }
    }

    @Test
    void aMemberThatComesBackIsConnectedAgain() throws Exception {
        RecordedEvents alice = new RecordedEvents();
        MemberConnector connector = start(0, alice);
        Host bob = host(group.keysOf(1), 2);
        PeerId bobsId = bob.peerId();
        assertThat(alice.await(NodeEvent.PeerConnected.class).peerId())
                .isEqualTo(bobsId.toString());
        assertThat(connected(connector)).containsExactly(bobsId);

        bob.close();
        NodeEvent.PeerLost lost = alice.await(NodeEvent.PeerLost.class);
        assertThat(lost.peerId()).isEqualTo(bobsId.toString());
        assertThat(lost.connected()).isZero();
        assertThat(connected(connector)).isEmpty();

        var _ = host(group.keysOf(1), 2);
        assertThat(alice.await(NodeEvent.PeerConnected.class).peerId())
                .isEqualTo(bobsId.toString());
    }

    @Test
    void eitherOfTwoMembersDialsIfTheOtherDoesNot() throws Exception {
        List<Integer> byPeerId =
                IntStream.range(0, 3)
                        .boxed()
                        .sorted(
                                Comparator.comparing(
                                        i -> group.setup(i).self().peerId().multihash()))
                        .toList();
        var _ = host(group.keysOf(byPeerId.get(1)), byPeerId.get(1) + 1);
        for (int member : List.of(byPeerId.getFirst(), byPeerId.getLast())) {
            RecordedEvents events = startMember(member);
            assertThat(events.await(NodeEvent.PeerConnected.class).members()).isEqualTo(2);
        }
    }

    @Test
    void whoDialledBeforeTheStartIsCountedToo() throws Exception {
        Host alice = host(group.keysOf(0), 1);
        Host bob = host(group.keysOf(1), 2);
        bob.connect(alice.peerId(), alice.addresses());
        RecordedEvents events = new RecordedEvents();
        start(alice, 0, events);
        assertThat(events.await(NodeEvent.PeerConnected.class).peerId())
                .isEqualTo(bob.peerId().toString());
    }

    @Test
    void aStrangerIsTurnedAwayAndDoesNotCount() throws Exception {
        RecordedEvents alice = new RecordedEvents();
        Host host = host(group.keysOf(0), 1);
        MemberConnector connector = start(host, 0, alice);
        Host mallory = open(builder(TestGroup.keys(9)).build());
        mallory.start();
        try {
            mallory.connect(host.peerId(), host.addresses());
        } catch (IOException e) {
            // Refused at once, or hung up on a moment later.
        }
        assertThat(alice.await(NodeEvent.InboundRefused.class).reason()).isNotBlank();
        assertThat(connected(connector)).isEmpty();
    }

    @Test
    void theRoundTripOfAConnectedMemberIsKnownSoon() throws Exception {
        RecordedEvents alice = new RecordedEvents();
        MemberConnector connector = start(0, alice);
        Host bob = host(group.keysOf(1), 2);
        assertThat(alice.await(NodeEvent.PeerConnected.class).peerId())
                .isEqualTo(bob.peerId().toString());
        while (roundTrip(connector, bob.peerId()).isEmpty()) {
            Thread.sleep(10);
        }
        PeerId carol = group.setup(2).self().peerId();
        assertThat(roundTrip(connector, carol)).isEmpty();
    }

    private static Optional<Duration> roundTrip(MemberConnector connector, PeerId peer) {
        return Optional.ofNullable(connector.links().get(peer))
                .flatMap(MemberConnector.Link::roundTrip);
    }

    private RecordedEvents startMember(int member) {
        RecordedEvents events = new RecordedEvents();
        start(member, events);
        return events;
    }

    private MemberConnector start(int member, RecordedEvents events) {
        return start(host(group.keysOf(member), member + 1), member, events);
    }

    private MemberConnector start(Host host, int member, RecordedEvents events) {
        List<Member> others = group.setup(member).others();
        MemberConnector connector =
                open(
                        new MemberConnector(
                                host, "group", others, events, InstantSource.system(), QUICK));
        connector.start();
        return connector;
    }

    private Host host(NodeKeys keys, int port) {
        Host host =
                open(
                        builder(keys)
                                .listen(Multiaddr.parse("/memory/" + port))
                                .gater(group.setup(0).group().gater())
                                .build());
        try {
            host.start();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return host;
    }

    private HostBuilder builder(NodeKeys keys) {
        return Host.builder().identity(keys.identity()).transport(network.transport());
    }

    private <T extends AutoCloseable> T open(T part) {
        open.push(part);
        return part;
    }

    private static List<PeerId> connected(MemberConnector connector) {
        return connector.links().entrySet().stream()
                .filter(link -> link.getValue().connected())
                .map(Map.Entry::getKey)
                .toList();
    }
}
