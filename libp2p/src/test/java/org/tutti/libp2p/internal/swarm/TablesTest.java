package org.tutti.libp2p.internal.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.LimitExceededException;

import java.security.SecureRandom;
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

    @Test
    void theHostWithTheMostConnectionsMakesRoomForOthers() throws Exception {
        ConnectionTable<String> table = new ConnectionTable<>(alice, 4, 8);
        table.add(bob, "busy", "mallory", false, 1);
        table.add(bob, "older", "mallory", false, 2);
        table.add(bob, "newer", "mallory", false, 3);
        table.add(bob, "ours", "mallory", true, 0);
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
        table.add(bob, "carol's", "carol", false, 4);
        // Two of hers against one of carol's: who comes again and again gains nothing.
        assertThat(table.evictionCandidate("carol", _ -> true, _ -> false)).isEmpty();
        assertThat(table.evictionCandidate("dave", _ -> true, _ -> true)).contains("busy");
    }

    @Test
    void connectionsAreBoundedPerPeerAndInAll() throws Exception {
        ConnectionTable<String> table = new ConnectionTable<>(alice, 3, 2);
        assertThat(table.add(bob, "1", HOST, true, 0)).isEqualTo(1);
        assertThat(table.add(bob, "2", HOST, true, 0)).isEqualTo(2);
        assertThatThrownBy(() -> table.add(bob, "3", HOST, true, 0))
                .isInstanceOfSatisfying(
                        LimitExceededException.class,
                        e -> assertThat(limit(e)).isEqualTo("maxConnectionsPerPeer=2"));
        PeerId carol = Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId();
        PeerId dave = Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId();
        table.add(carol, "4", HOST, false, 0);
        assertThatThrownBy(() -> table.add(dave, "5", HOST, true, 0))
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
            ConnectionTable<String> atAlice = new ConnectionTable<>(alice, 9, 9);
            ConnectionTable<String> atBob = new ConnectionTable<>(bob, 9, 9);
            if (alicesFirst) {
                atAlice.add(bob, "dialled by alice", HOST, true, 0);
                atAlice.add(bob, "dialled by bob", HOST, false, 1);
                atBob.add(alice, "dialled by bob", HOST, true, 0);
                atBob.add(alice, "dialled by alice", HOST, false, 1);
            } else {
                atAlice.add(bob, "dialled by bob", HOST, false, 0);
                atAlice.add(bob, "dialled by alice", HOST, true, 1);
                atBob.add(alice, "dialled by alice", HOST, false, 0);
                atBob.add(alice, "dialled by bob", HOST, true, 1);
            }
            assertThat(atAlice.preferred(bob)).contains("dialled by alice");
            assertThat(atBob.preferred(alice)).contains("dialled by alice");
        }
    }

    @Test
    void aConnectionDialledMuchLaterReplacesTheOlderOneForNewStreams() throws Exception {
        ConnectionTable<String> table = new ConnectionTable<>(alice, 9, 9);
        table.add(bob, "old", HOST, true, 0);
        table.add(bob, "new", HOST, false, LATER);
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
