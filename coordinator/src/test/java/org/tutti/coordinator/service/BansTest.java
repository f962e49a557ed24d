package org.tutti.coordinator.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerscore.PeerScores;
import org.tutti.libp2p.time.ManualClock;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Who is not listened to, by peer and by address.
class BansTest {
    private final ManualClock clock = new ManualClock(Instant.parse("2026-06-01T00:00:00Z"));
    private final PeerScores scores = new PeerScores(clock);
    private final Map<PeerId, List<Multiaddr>> addresses = new HashMap<>();
    private final List<String> told = new ArrayList<>();
    private final PeerId member = peer("/ip4/192.0.2.1/tcp/1");
    private final Bans bans = bans(scores);

    private Bans bans(PeerScores of) {
        return new Bans(
                of,
                peer -> addresses.getOrDefault(peer, List.of()),
                member::equals,
                (peer, code, from) -> told.add(code + " " + from));
    }

    private PeerId peer(String... from) {
        PeerId peer = PeerId.of(Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey());
        addresses.put(peer, List.of(from).stream().map(Multiaddr::parse).toList());
        return peer;
    }

    private void punish(PeerId peer, int times) {
        for (int i = 0; i < times; i++) {
            bans.punish(peer, "FORGED");
        }
    }

    @Test
    void tenForgedStatementsAreEnoughAndItIsToldOnce() {
        PeerId mallory = peer("/ip4/127.0.0.1/tcp/1");
        punish(mallory, Bans.FORGED - 1);
        assertThat(bans.isBanned(mallory)).isFalse();
        assertThat(told).isEmpty();
        punish(mallory, 2);
        assertThat(bans.isBanned(mallory)).isTrue();
        assertThat(told).containsExactly("FORGED []");
    }

    @Test
    void newIdsFromOneAddressAreOneSender() {
        for (int i = 0; i < Bans.FORGED; i++) {
            punish(peer("/ip4/192.0.2.7/tcp/" + (i + 1)), 1);
        }
        assertThat(told).containsExactly("FORGED [192.0.2.7]");
        assertThat(bans.isBanned(peer("/ip4/192.0.2.7/tcp/99"))).isTrue();
        assertThat(bans.isBanned(peer("/ip4/192.0.2.8/tcp/99"))).isFalse();
        // Whoever comes from there and from elsewhere comes from there.
        assertThat(bans.isBanned(peer("/ip4/192.0.2.8/tcp/9", "/ip4/192.0.2.7/tcp/9"))).isTrue();
    }

    @Test
    void anIpv6AddressIsTheNetworkThatItIsIn() {
        punish(peer("/ip6/2001:db8:0:1::1/tcp/1"), Bans.FORGED);
        assertThat(bans.isBanned(peer("/ip6/2001:db8:0:1:ff::2/tcp/1"))).isTrue();
        assertThat(bans.isBanned(peer("/ip6/2001:db8:0:2::1/tcp/1"))).isFalse();
        // An IPv4 address in an IPv6 one is the IPv4 address.
        punish(peer("/ip6/::ffff:c000:209/tcp/1"), Bans.FORGED);
        assertThat(bans.isBanned(peer("/ip4/192.0.2.9/tcp/1"))).isTrue();
    }

    @Test
    void loopbackIsNoAddressToHoldAnythingAgainst() {
        punish(peer("/ip4/127.0.0.1/tcp/1"), Bans.FORGED);
        punish(peer("/ip6/::1/tcp/1"), Bans.FORGED);
        assertThat(bans.isBanned(peer("/ip4/127.0.0.1/tcp/2"))).isFalse();
        assertThat(bans.isBanned(peer("/ip6/::1/tcp/2"))).isFalse();
        punish(peer("/dns4/localhost/tcp/1"), Bans.FORGED);
        assertThat(bans.isBanned(peer("/dns4/localhost/tcp/1"))).isFalse();
    }

    @Test
    void membersAreListenedToWhateverTheyAndTheirNeighboursSend() {
        punish(member, 3 * Bans.FORGED);
        assertThat(bans.isBanned(member)).isFalse();
        assertThat(bans.isBanned(peer("/ip4/192.0.2.1/tcp/2"))).isFalse();
        punish(peer("/ip4/192.0.2.1/tcp/2"), Bans.FORGED);
        assertThat(bans.isBanned(member)).isFalse();
    }

    @Test
    void aBanIsOverAfterAWhileAndLongerForWhoDidMore() {
        PeerId some = peer("/ip4/192.0.2.7/tcp/1");
        PeerId many = peer("/ip4/192.0.2.8/tcp/1");
        punish(some, Bans.FORGED);
        punish(many, 10 * Bans.FORGED);
        clock.advance(Duration.ofHours(6));
        assertThat(bans.isBanned(some)).isFalse();
        assertThat(bans.isBanned(many)).isTrue();
        clock.advance(Duration.ofHours(18));
        assertThat(bans.isBanned(many)).isFalse();
    }

    @Test
    void aRestartForgetsNeitherPeersNorAddresses() {
        punish(peer("/ip4/192.0.2.7/tcp/1"), Bans.FORGED);
        PeerScores again = new PeerScores(clock);
        again.restore(scores.stored());
        assertThat(bans(again).isBanned(peer("/ip4/192.0.2.7/tcp/2"))).isTrue();
    }
}
