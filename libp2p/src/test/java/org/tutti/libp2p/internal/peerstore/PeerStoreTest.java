package org.tutti.libp2p.internal.peerstore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.time.ManualClock;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class PeerStoreTest {
    private final ManualClock clock = new ManualClock();
    private final PeerId alice = peer();

    private static PeerId peer() {
        return Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId();
    }

    private static Multiaddr address(int port) {
        return Multiaddr.parse("/ip4/127.0.0.1/tcp/" + port);
    }

    @Test
    void addressesThatWereGivenComeBeforeThoseThatThePeerNamed() {
        PeerStore store = new PeerStore(10, clock::nanoTime);
        store.addAddress(alice, address(1));
        store.addAddress(alice, address(2).withPeerId(alice));
        store.identified(
                new PeerInfo(
                        alice,
                        "",
                        "",
                        List.of(),
                        List.of(address(3), address(1)),
                        Optional.empty(),
                        false));
        assertThat(store.addresses(alice)).containsExactly(address(2), address(1), address(3));
    }

    @Test
    void addressesOfOnePeerAreBoundedAndTheOldestForgotten() {
        PeerStore store = new PeerStore(10, clock::nanoTime);
        for (int i = 1; i <= PeerStore.MAX_ADDRESSES + 5; i++) {
            store.addAddress(alice, address(i));
        }
        assertThat(store.addresses(alice))
                .hasSize(PeerStore.MAX_ADDRESSES)
                .startsWith(address(PeerStore.MAX_ADDRESSES + 5))
                .doesNotContain(address(5));
    }

    @Test
    void thePeerThatWasLookedAtLeastRecentlyIsForgotten() {
        PeerStore store = new PeerStore(2, clock::nanoTime);
        PeerId bob = peer();
        store.addAddress(alice, address(1));
        store.addAddress(bob, address(2));
        assertThat(store.addresses(alice)).isNotEmpty();
        store.addAddress(peer(), address(3));
        assertThat(store.size()).isEqualTo(2);
        assertThat(store.addresses(bob)).isEmpty();
        assertThat(store.addresses(alice)).isNotEmpty();
    }

    private static PeerInfo info(PeerId peer, List<String> protocols, Multiaddr... addresses) {
        return new PeerInfo(
                peer, "p/1", "a/1", protocols, List.of(addresses), Optional.empty(), false);
    }

    @Test
    void whatWasLearntIsForgottenAndWhatWasGivenIsNot() {
        PeerStore store = new PeerStore(10, clock::nanoTime);
        store.addAddress(alice, address(1));
        store.addAddress(alice, address(2), Duration.ofMinutes(1));
        store.identified(info(alice, List.of("/x"), address(3)));
        clock.advance(Duration.ofMillis(59_999));
        assertThat(store.addresses(alice)).containsExactly(address(2), address(1), address(3));
        clock.advance(Duration.ofMillis(1));
        assertThat(store.addresses(alice)).containsExactly(address(1), address(3));
        clock.advance(PeerStore.LEARNT);
        assertThat(store.addresses(alice)).containsExactly(address(1));
        assertThat(store.info(alice)).isEmpty();
        clock.advance(Duration.ofDays(1000));
        assertThat(store.addresses(alice)).containsExactly(address(1));
    }

    @Test
    void whatIsHeardAgainLivesOn() {
        PeerStore store = new PeerStore(10, clock::nanoTime);
        for (int hour = 0; hour < 100; hour++) {
            store.addAddress(alice, address(1), Duration.ofHours(2));
            store.identified(info(alice, List.of(), address(2)));
            clock.advance(Duration.ofHours(1));
        }
        assertThat(store.addresses(alice)).containsExactly(address(1), address(2));
        // A shorter promise takes nothing from a longer one, and learning nothing from giving.
        store.addAddress(alice, address(1), Duration.ofSeconds(1));
        store.addAddress(alice, address(3));
        store.addAddress(alice, address(3), Duration.ofSeconds(1));
        clock.advance(Duration.ofMinutes(30));
        assertThat(store.addresses(alice)).containsExactly(address(3), address(1), address(2));
    }

    @Test
    void aPeerOfWhomNothingIsLeftIsGone() {
        PeerStore store = new PeerStore(10, clock::nanoTime);
        store.addAddress(alice, address(1), Duration.ofMinutes(1));
        clock.advance(Duration.ofMinutes(1));
        assertThat(store.addresses(alice)).isEmpty();
        assertThat(store.size()).isZero();
        assertThat(store.bytes()).isZero();
    }

    @Test
    void onePeerTakesABoundedNumberOfBytes() {
        PeerStore store = new PeerStore(10, clock::nanoTime);
        for (int i = 1; i < 40; i++) {
            store.addAddress(alice, Multiaddr.parse("/dns4/" + "x".repeat(3900) + "/tcp/" + i));
            assertThat(store.bytes()).isLessThanOrEqualTo(PeerStore.MAX_PEER_BYTES);
        }
        PeerStore other = new PeerStore(10, clock::nanoTime);
        List<String> protocols = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            protocols.add("/" + i + "x".repeat(1000));
        }
        other.identified(info(alice, protocols, address(1)));
        assertThat(other.bytes()).isLessThanOrEqualTo(PeerStore.MAX_PEER_BYTES);
        assertThat(other.addresses(alice)).containsExactly(address(1));
        assertThat(other.info(alice).orElseThrow().agentVersion()).isEqualTo("a/1");
    }

    @Test
    void allPeersTogetherTakeABoundedNumberOfBytes() {
        PeerStore store = new PeerStore(100, clock::nanoTime);
        List<String> protocols = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            protocols.add("/" + i + "x".repeat(1000));
        }
        PeerId last = alice;
        for (int i = 0; i < 100; i++) {
            last = peer();
            store.identified(info(last, protocols, address(1)));
            assertThat(store.bytes()).isLessThanOrEqualTo(100L * PeerStore.AVERAGE_PEER_BYTES);
        }
        assertThat(store.size()).isBetween(10, 20);
        assertThat(store.info(last)).isPresent();
    }
}
