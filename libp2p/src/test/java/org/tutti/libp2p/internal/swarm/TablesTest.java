package org.tutti.libp2p.internal.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.swarm.ConnectionTable.Owner;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.LimitExceededException;
import org.tutti.libp2p.swarm.PeerClass;
import org.tutti.libp2p.swarm.ResourceLimits;

import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

class TablesTest {
    private static final long LATER = ConnectionTable.SIMULTANEOUS_NANOS;
    private static final String HOST = "/ip4/192.0.2.1";

    private final PeerId[] ordered =
            Stream.generate(() ->
                            Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId())
                    .limit(2)
                    .sorted((a, b) -> a.multihash().compareTo(b.multihash()))
                    .toArray(PeerId[]::new);
    private final PeerId alice = ordered[0];
    private final PeerId bob = ordered[1];

    private static String limit(LimitExceededException e) {
        return e.limit() + "=" + e.bound();
    }

    private static int add(
            ConnectionTable<String> table,
            PeerId peer,
            String connection,
            String host,
            boolean outbound,
            long now)
            throws LimitExceededException {
        return table.add(connection, owner(peer, host, PeerClass.everybody(), outbound), now);
    }

    private static Owner owner(PeerId peer, String host, PeerClass peerClass, boolean outbound) {
        return new Owner(peer, host, peerClass, outbound);
    }

    private static PeerId peer() {
        return Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId();
    }

    private static Optional<String> limit(ConnectionTable<String> table, Owner owner) {
        return table.limitReached(owner).map(TablesTest::limit);
    }

    @Test
    void aFullPublicClassTakesNoRoomOfMembersAndGoesFirst() throws Exception {
        PeerClass members = PeerClass.builder("member").build();
        PeerClass open = PeerClass.builder("public").maxConnections(2).evictedFirst().build();
        ConnectionTable<String> table = new ConnectionTable<>(alice, 4, 8, 4);
        table.add("p1", owner(peer(), "a", open, false), 1);
        table.add("p2", owner(peer(), "b", open, false), 2);
        Owner third = owner(peer(), "c", open, false);
        assertThat(limit(table, third)).contains("public.maxConnections=2");
        assertThat(table.victimFor("public.maxConnections", third, _ -> true, _ -> true))
                .contains("p1");
        table.add("m1", owner(peer(), "m", members, false), 3);
        table.add("m2", owner(peer(), "m", members, false), 4);
        Owner member = owner(peer(), "m", members, false);
        assertThat(limit(table, member)).contains("maxConnections=4");
        // Although its own host has most, and whatever the others do.
        assertThat(table.victimFor("maxConnections", member, _ -> true, _ -> false)).contains("p1");
        // Also for a member that we dial.
        assertThat(
                        table.victimFor(
                                "maxConnections",
                                owner(peer(), "m", members, true),
                                _ -> true,
                                _ -> true))
                .contains("p1");
        assertThat(table.anyVictim(_ -> true, _ -> true)).contains("p1");
        table.remove(table.peers().getFirst(), "nobody's");
        for (PeerId peer : table.peers()) {
            table.remove(peer, "p1");
            table.remove(peer, "p2");
        }
        table.add("m3", member, 5);
        table.add("m4", owner(peer(), "m", members, false), 6);
        // Nobody of another class goes for one that is evicted first.
        assertThat(limit(table, third)).contains("maxConnections=4");
        assertThat(table.victimFor("maxConnections", third, _ -> true, _ -> true)).isEmpty();
        assertThat(table.anyVictim(_ -> true, _ -> true)).contains("m1");
    }

    @Test
    void oneHostOpensNoMoreThanItsShareAndReplacesItsOwn() throws Exception {
        ConnectionTable<String> table = new ConnectionTable<>(alice, 9, 9, 2);
        add(table, peer(), "elsewhere", "other", false, 0);
        add(table, peer(), "first", HOST, false, 1);
        add(table, peer(), "second", HOST, false, 2);
        Owner third = owner(peer(), HOST, PeerClass.everybody(), false);
        assertThat(limit(table, third)).contains("maxConnectionsPerHost=2");
        assertThat(table.victimFor("maxConnectionsPerHost", third, _ -> true, _ -> true))
                .contains("first");
        assertThat(
                        table.victimFor(
                                "maxConnectionsPerHost", third, _ -> true, c -> !c.equals("first")))
                .contains("second");
        assertThat(table.victimFor("maxConnectionsPerHost", third, _ -> true, _ -> false))
                .isEmpty();
        // What we dial is ours to decide.
        assertThat(limit(table, owner(peer(), HOST, PeerClass.everybody(), true))).isEmpty();
        for (PeerId peer : table.peers()) {
            table.remove(peer, "first");
        }
        assertThat(limit(table, third)).isEmpty();
    }

    @Test
    void aboveTheHighWaterMarkWhatIsWorthLeastGoesFirst() {
        List<Trimming.Candidate<String>> all =
                List.of(
                        new Trimming.Candidate<>("protected", true, true, 0, true, 0),
                        new Trimming.Candidate<>("new", false, true, 0, true, 91),
                        new Trimming.Candidate<>("worth", false, false, 5, true, 1),
                        new Trimming.Candidate<>("busy", false, false, 0, false, 2),
                        new Trimming.Candidate<>("younger", false, false, 0, true, 4),
                        new Trimming.Candidate<>("older", false, false, 0, true, 3),
                        new Trimming.Candidate<>("public", false, true, 9, false, 5));
        assertThat(Trimming.victims(all, 5, 10, 100)).containsExactly("public", "older");
        assertThat(Trimming.victims(all, 0, 10, 100))
                .containsExactly("public", "older", "younger", "busy", "worth");
        assertThat(Trimming.victims(all, 7, 10, 100)).isEmpty();
        assertThat(Trimming.victims(all, 9, 10, 100)).isEmpty();
    }

    @Test
    void theValuesOfAllTagsCount() {
        Protections tags = new Protections();
        assertThat(tags.value(alice)).isZero();
        tags.tag(alice, "dht", 5);
        tags.tag(alice, "dht", 3);
        tags.tag(alice, "mesh", 10);
        assertThat(tags.value(alice)).isEqualTo(13);
        tags.untag(alice, "mesh");
        tags.untag(alice, "never");
        assertThat(tags.value(alice)).isEqualTo(3);
        tags.untag(alice, "dht");
        assertThat(tags.value(alice)).isZero();
    }

    @Test
    void streamsAreCountedForPeerHostClassAndAll() {
        ResourceLimits limits =
                ResourceLimits.builder()
                        .maxInboundStreamsPerPeer(2)
                        .maxInboundStreamsPerHost(3)
                        .maxInboundStreams(5)
                        .build();
        PeerClass one = PeerClass.builder("one").maxStreams(1).build();
        InboundStreams streams = new InboundStreams(limits);
        Owner first = owner(alice, "h", PeerClass.everybody(), false);
        assertThat(streams.open(first)).isEmpty();
        assertThat(streams.open(first)).isEmpty();
        assertThat(streams.open(first)).contains("maxInboundStreamsPerPeer");
        assertThat(streams.open(owner(bob, "h", one, false))).isEmpty();
        assertThat(streams.open(owner(peer(), "h", PeerClass.everybody(), false)))
                .contains("maxInboundStreamsPerHost");
        assertThat(streams.open(owner(bob, "i", one, false))).contains("one.maxStreams");
        assertThat(streams.open(owner(peer(), "i", PeerClass.everybody(), false))).isEmpty();
        assertThat(streams.open(owner(peer(), "j", PeerClass.everybody(), false))).isEmpty();
        assertThat(streams.open(owner(peer(), "k", PeerClass.everybody(), false)))
                .contains("maxInboundStreams");
        streams.closed(first);
        assertThat(streams.open(owner(bob, "k", PeerClass.everybody(), false))).isEmpty();
        assertThat(streams.total()).isEqualTo(5);
    }

    @Test
    void theHostWithTheMostConnectionsMakesRoomForOthers() throws Exception {
        ConnectionTable<String> table = new ConnectionTable<>(alice, 4, 8, 4);
        add(table, bob, "busy", "mallory", false, 1);
        add(table, bob, "older", "mallory", false, 2);
        add(table, bob, "newer", "mallory", false, 3);
        add(table, bob, "ours", "mallory", true, 0);
        assertThat(table.evictionCandidate("carol", _ -> true, c -> !c.equals("busy")))
                .contains("older");
        // Her own newcomers replace her own.
        assertThat(table.evictionCandidate("mallory", _ -> true, c -> !c.equals("busy")))
                .contains("older");
        assertThat(table.evictionCandidate("mallory", _ -> true, _ -> false)).isEmpty();
        // A stream on each keeps nobody out.
        assertThat(table.evictionCandidate("carol", _ -> true, _ -> false)).contains("busy");
        assertThat(table.evictionCandidate("carol", _ -> false, _ -> true)).isEmpty();
        table.remove(bob, "older");
        add(table, bob, "carol's", "carol", false, 4);
        // Two of hers against one of carol's: who comes again and again gains nothing.
        assertThat(table.evictionCandidate("carol", _ -> true, _ -> false)).isEmpty();
        assertThat(table.evictionCandidate("dave", _ -> true, _ -> true)).contains("busy");
    }

    @Test
    void connectionsAreBoundedPerPeerAndInAll() throws Exception {
        ConnectionTable<String> table = new ConnectionTable<>(alice, 3, 2, 3);
        assertThat(add(table, bob, "1", HOST, true, 0)).isEqualTo(1);
        assertThat(add(table, bob, "2", HOST, true, 0)).isEqualTo(2);
        assertThatThrownBy(() -> add(table, bob, "3", HOST, true, 0))
                .isInstanceOfSatisfying(
                        LimitExceededException.class,
                        e -> assertThat(limit(e)).isEqualTo("maxConnectionsPerPeer=2"));
        PeerId carol = Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId();
        PeerId dave = Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId();
        add(table, carol, "4", HOST, false, 0);
        assertThatThrownBy(() -> add(table, dave, "5", HOST, true, 0))
                .isInstanceOfSatisfying(
                        LimitExceededException.class,
                        e -> assertThat(limit(e)).isEqualTo("maxConnections=3"));
        assertThat(table.remove(bob, "1")).isEqualTo(1);
        assertThat(table.remove(bob, "1")).isEqualTo(1);
        assertThat(table.remove(bob, "2")).isZero();
        assertThat(table.total()).isEqualTo(1);
        assertThat(table.peers()).containsExactly(carol);
        assertThat(table.preferred(bob)).isEmpty();
    }

    @Test
    void bothSidesOfASimultaneousDialPreferTheSameConnectionWhateverTheirOrder() throws Exception {
        for (boolean alicesFirst : new boolean[] {true, false}) {
            ConnectionTable<String> atAlice = new ConnectionTable<>(alice, 9, 9, 9);
            ConnectionTable<String> atBob = new ConnectionTable<>(bob, 9, 9, 9);
            if (alicesFirst) {
                add(atAlice, bob, "dialled by alice", HOST, true, 0);
                add(atAlice, bob, "dialled by bob", HOST, false, 1);
                add(atBob, alice, "dialled by bob", HOST, true, 0);
                add(atBob, alice, "dialled by alice", HOST, false, 1);
            } else {
                add(atAlice, bob, "dialled by bob", HOST, false, 0);
                add(atAlice, bob, "dialled by alice", HOST, true, 1);
                add(atBob, alice, "dialled by alice", HOST, false, 0);
                add(atBob, alice, "dialled by bob", HOST, true, 1);
            }
            assertThat(atAlice.preferred(bob)).contains("dialled by alice");
            assertThat(atBob.preferred(alice)).contains("dialled by alice");
        }
    }

    @Test
    void aConnectionDialledMuchLaterReplacesTheOlderOneForNewStreams() throws Exception {
        ConnectionTable<String> table = new ConnectionTable<>(alice, 9, 9, 9);
        add(table, bob, "old", HOST, true, 0);
        add(table, bob, "new", HOST, false, LATER);
        assertThat(table.preferred(bob)).contains("new");
    }

    @Test
    void streamsAreCountedPerPeerAndProtocol() {
        StreamQuota quota = new StreamQuota();
        assertThat(quota.acquire(alice, "/a", 1)).isTrue();
        assertThat(quota.acquire(alice, "/a", 1)).isFalse();
        assertThat(quota.acquire(alice, "/b", 1)).isTrue();
        assertThat(quota.acquire(bob, "/a", 1)).isTrue();
        quota.release(alice, "/a");
        assertThat(quota.acquire(alice, "/a", 1)).isTrue();
    }

    @Test
    void portsDoNotMakeAnotherHostAndAnIp6NetworkIsOne() {
        assertThat(RemoteHost.of(Multiaddr.parse("/ip4/10.0.0.1/tcp/1")))
                .isEqualTo(RemoteHost.of(Multiaddr.parse("/ip4/10.0.0.1/tcp/2")))
                .isNotEqualTo(RemoteHost.of(Multiaddr.parse("/ip4/10.0.0.2/tcp/1")));
        assertThat(RemoteHost.of(Multiaddr.parse("/ip6/2001:db8::1/tcp/1")))
                .isEqualTo(RemoteHost.of(Multiaddr.parse("/ip6/2001:db8:0:ff::ffff/tcp/1")))
                .isNotEqualTo(RemoteHost.of(Multiaddr.parse("/ip6/2001:db8:0:100::1/tcp/1")));
    }
}
