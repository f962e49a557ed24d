package org.tutti.libp2p.internal.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.List;

class ObservedAddressesTest {
    private static final Multiaddr LISTEN = Multiaddr.parse("/ip4/192.168.1.5/tcp/4001");
    private static final Multiaddr LISTEN6 = Multiaddr.parse("/ip6/fd00::5/tcp/4001");
    private static final Multiaddr OUTSIDE = Multiaddr.parse("/ip4/5.6.7.8/tcp/14001");

    private final ObservedAddresses<String> observed = new ObservedAddresses<>();

    /// A peer of the network 8.8.`network`.0/24 that dialled us says how it sees us.
    private boolean say(String connection, int network, Multiaddr seen) {
        return say(connection, "/ip4/8.8." + network + ".1/tcp/5000", LISTEN, seen);
    }

    private boolean say(String connection, String remote, Multiaddr local, Multiaddr seen) {
        return observed.observed(
                connection, local, Multiaddr.parse(remote), seen, List.of(LISTEN, LISTEN6));
    }

    @Test
    void anAddressCountsOnceFourNetworksAgreeOnIt() {
        for (int network = 1; network <= 3; network++) {
            say("c" + network, network, OUTSIDE);
            assertThat(observed.confirmed()).isEmpty();
        }
        assertThat(say("c4", 4, OUTSIDE)).isTrue();
        assertThat(observed.confirmed()).containsExactly(OUTSIDE);
        assertThat(observed.forget("c2")).isTrue();
        assertThat(observed.confirmed()).isEmpty();
    }

    /// Identities and addresses of one network cost nothing.
    @Test
    void manyPeersOfOneNetworkAreOneObserver() {
        for (int host = 1; host <= 200; host++) {
            say("c" + host, "/ip4/8.8.8." + host + "/tcp/5000", LISTEN, OUTSIDE);
        }
        Multiaddr seen6 = Multiaddr.parse("/ip6/2a00::1/tcp/4001");
        for (int host = 1; host <= 200; host++) {
            String remote = "/ip6/2a01:1:2:" + Integer.toHexString(host) + "::1/tcp/5000";
            say("d" + host, remote, LISTEN6, seen6);
        }
        assertThat(observed.confirmed()).isEmpty();
        assertThat(observed.size()).isEqualTo(2 * ObservedAddresses.MAX_PER_OBSERVER);
    }

    @Test
    void networksOfIp6CountBySlash56() {
        Multiaddr seen = Multiaddr.parse("/ip6/2a00::1/tcp/4001");
        for (int network = 0; network < 4; network++) {
            say("c" + network, "/ip6/2a01:1:2:" + network + "00::1/tcp/5000", LISTEN6, seen);
        }
        assertThat(observed.confirmed()).containsExactly(seen);
    }

    /// Without a listener's port at our end nobody can be dialled at what the peer sees.
    @Test
    void aConnectionFromAPortOfItsOwnTellsNothing() {
        Multiaddr ephemeral = Multiaddr.parse("/ip4/192.168.1.5/tcp/50123");
        for (int network = 1; network <= 9; network++) {
            String remote = "/ip4/8.8." + network + ".1/tcp/4001";
            assertThat(say("c" + network, remote, ephemeral, OUTSIDE)).isFalse();
            Multiaddr sameNumber = Multiaddr.parse("/ip4/5.6.7.8/tcp/4001");
            assertThat(say("d" + network, remote, ephemeral, sameNumber)).isFalse();
        }
        assertThat(observed.confirmed()).isEmpty();
        assertThat(observed.size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/ip4/127.0.0.1/tcp/4001",
                "/ip4/10.1.2.3/tcp/4001",
                "/ip4/172.31.255.255/tcp/4001",
                "/ip4/192.168.1.5/tcp/4001",
                "/ip4/192.168.1.6/tcp/4001",
                "/ip4/100.64.0.1/tcp/4001",
                "/ip4/169.254.1.1/tcp/4001",
                "/ip4/0.0.0.0/tcp/4001",
                "/ip4/224.0.0.251/tcp/4001",
                "/ip4/255.255.255.255/tcp/4001",
                "/ip4/203.0.113.9/tcp/4001",
                // Of another IP version, of a translator, of other protocols, of a relay.
                "/ip6/2a00::1/tcp/4001",
                "/ip6/64:ff9b::506:708/tcp/4001",
                "/ip4/5.6.7.8/udp/4001",
                "/ip4/5.6.7.8",
                "/ip4/5.6.7.8/tcp/4001/ws",
                "/dns4/example.com/tcp/4001",
                "/p2p/12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo",
                "/p2p/12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo/p2p-circuit"
            })
    void whatNobodyElseCouldDialIsNotTaken(String seen) {
        for (int network = 1; network <= 9; network++) {
            say("c" + network, network, Multiaddr.parse(seen));
        }
        assertThat(observed.size()).isZero();
        assertThat(observed.confirmed()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/ip6/fe80::1/tcp/4001",
                "/ip6/fd00::9/tcp/4001",
                "/ip6/::1/tcp/4001",
                "/ip6/::/tcp/4001",
                "/ip6/ff02::1/tcp/4001",
                "/ip6/64:ff9b::506:708/tcp/4001",
                "/ip6/2001:db8::1/tcp/4001"
            })
    void soAlsoForIp6(String seen) {
        assertThat(say("c", "/ip6/2a01::1/tcp/1", LISTEN6, Multiaddr.parse(seen))).isFalse();
        assertThat(observed.size()).isZero();
    }

    @Test
    void anIdBehindTheAddressMeansNothing() {
        Multiaddr named =
                Multiaddr.parse(
                        OUTSIDE + "/p2p/12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo");
        for (int network = 1; network <= 4; network++) {
            say("c" + network, network, named);
        }
        assertThat(observed.confirmed()).containsExactly(OUTSIDE);
    }

    @Test
    void thoseWithMostObserversAreBelievedThreeForEachListenAddress() {
        for (int seen = 1; seen <= 5; seen++) {
            for (int network = 1; network <= 3 + seen; network++) {
                say(
                        "c" + seen + "-" + network,
                        10 * seen + network,
                        Multiaddr.parse("/ip4/5.6.7." + seen + "/tcp/4001"));
            }
        }
        assertThat(observed.confirmed())
                .extracting(Multiaddr::toString)
                .containsExactly(
                        "/ip4/5.6.7.5/tcp/4001", "/ip4/5.6.7.4/tcp/4001", "/ip4/5.6.7.3/tcp/4001");
    }

    @Test
    void aPeerThatChangesItsMindIsCountedForTheLastAddressAlone() {
        for (int network = 1; network <= 4; network++) {
            say("c" + network, network, OUTSIDE);
        }
        assertThat(say("c1", 1, OUTSIDE)).as("the same again").isFalse();
        assertThat(say("c1", 1, Multiaddr.parse("/ip4/6.6.6.6/tcp/4001"))).isTrue();
        assertThat(observed.confirmed()).isEmpty();
        assertThat(observed.size()).isEqualTo(4);
        assertThat(say("c2", 2, Multiaddr.parse("/ip4/10.0.0.1/tcp/4001"))).isTrue();
        assertThat(observed.size()).isEqualTo(3);
    }

    @Test
    void aFloodFromManyNetworksIsBoundedAndTheNewestCount() {
        for (int i = 0; i < 5_000; i++) {
            String remote = "/ip4/9." + i / 256 % 256 + "." + i % 256 + ".1/tcp/1";
            say(
                    "c" + i,
                    remote,
                    LISTEN,
                    Multiaddr.parse("/ip4/7." + i / 256 + "." + i % 256 + ".1/tcp/1"));
        }
        assertThat(observed.size()).isEqualTo(ObservedAddresses.MAX);
        for (int network = 1; network <= 4; network++) {
            say("honest" + network, network, OUTSIDE);
        }
        assertThat(observed.size()).isEqualTo(ObservedAddresses.MAX);
        assertThat(observed.confirmed()).containsExactly(OUTSIDE);
    }

    @Test
    void whatWasSaidOfAnAddressThatIsGoneIsForgotten() {
        for (int network = 1; network <= 4; network++) {
            say("c" + network, network, OUTSIDE);
        }
        observed.listening(List.of(LISTEN6));
        assertThat(observed.size()).isZero();
        assertThat(observed.confirmed()).isEmpty();
    }
}
