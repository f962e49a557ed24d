package org.tutti.libp2p.internal.peerstore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerstore.PeerInfo;

import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

class PeerStoreTest {
    private final PeerId alice = peer();

    private static PeerId peer() {
        return Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId();
    }

    private static Multiaddr address(int port) {
        return Multiaddr.parse("/ip4/127.0.0.1/tcp/" + port);
    }

    @Test
    void addressesThatWereGivenComeBeforeThoseThatThePeerNamed() {
        PeerStore store = new PeerStore(10);
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
        PeerStore store = new PeerStore(10);
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
        PeerStore store = new PeerStore(2);
        PeerId bob = peer();
        store.addAddress(alice, address(1));
        store.addAddress(bob, address(2));
        assertThat(store.addresses(alice)).isNotEmpty();
        store.addAddress(peer(), address(3));
        assertThat(store.size()).isEqualTo(2);
        assertThat(store.addresses(bob)).isEmpty();
        assertThat(store.addresses(alice)).isNotEmpty();
    }
}
