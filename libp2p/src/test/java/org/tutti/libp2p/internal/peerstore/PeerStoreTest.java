package org.tutti.libp2p.internal.peerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.peerstore.PeerRecord;
import org.tutti.libp2p.peerstore.StoredPeer;
import org.tutti.libp2p.time.ManualClock;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
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

    @Test
    void addressesOfAHugeMessageAreBoundedAsWell() {
        PeerStore store = new PeerStore(10, clock::nanoTime);
        Multiaddr[] huge = new Multiaddr[30];
        for (int i = 0; i < huge.length; i++) {
            huge[i] = Multiaddr.parse("/dns4/" + "x".repeat(3_900) + "/tcp/" + (i + 1));
        }
        store.identified(info(alice, List.of("/x"), huge));
        assertThat(store.bytes()).isLessThanOrEqualTo(PeerStore.MAX_PEER_BYTES);
        assertThat(store.addresses(alice)).startsWith(huge[0]);
    }

    private static final PrivateKey KEY = MemoryHosts.key();
    private static final PeerId BOB = KEY.publicKey().peerId();

    private static SignedEnvelope record(long seq, Multiaddr... addresses) {
        return new PeerRecord(BOB, seq, List.of(addresses)).seal(KEY);
    }

    @Test
    void whatAPeerSignedComesBeforeWhatOthersSayAndAfterWhatTheProgramSays() throws Exception {
        PeerStore store = new PeerStore(10, clock::nanoTime);
        store.addAddress(BOB, address(1));
        assertThat(store.certify(record(1, address(2)), PeerStore.LEARNT)).isTrue();
        store.addAddress(BOB, address(3), Duration.ofHours(1));
        assertThat(store.addresses(BOB)).containsExactly(address(1), address(2), address(3));
        assertThat(store.certifiedAddresses(BOB)).contains(List.of(address(2)));
    }

    @Test
    void whatAPeerSignedReplacesWhatWasLearntWithoutASignature() throws Exception {
        PeerStore store = new PeerStore(10, clock::nanoTime);
        store.addAddress(BOB, address(1));
        store.addAddress(BOB, address(2), Duration.ofHours(1));
        store.identified(info(BOB, List.of(), address(3)));
        assertThat(store.certify(record(1, address(4)), PeerStore.LEARNT)).isTrue();
        assertThat(store.addresses(BOB)).containsExactly(address(1), address(4));
    }

    @Test
    void theNumberOfARecordNeverFalls() throws Exception {
        PeerStore store = new PeerStore(10, clock::nanoTime);
        assertThat(store.certify(record(7, address(7)), PeerStore.LEARNT)).isTrue();
        assertThat(store.certify(record(6, address(6)), PeerStore.LEARNT)).isFalse();
        assertThat(store.addresses(BOB)).containsExactly(address(7));
        // Unsigned: go counts nanoseconds.
        assertThat(store.certify(record(-1, address(8)), PeerStore.LEARNT)).isTrue();
        assertThat(store.certify(record(Long.MAX_VALUE, address(9)), PeerStore.LEARNT)).isFalse();
        assertThat(store.addresses(BOB)).containsExactly(address(8));
        assertThat(store.record(BOB)).contains(record(-1, address(8)));
    }

    @Test
    void aRecordThatIsNotSignedByThePeerThatItNamesIsRefused() {
        PeerStore store = new PeerStore(10, clock::nanoTime);
        SignedEnvelope good = record(1, address(1));
        byte[] changed = good.payload().toArray();
        changed[changed.length - 1] ^= 1;
        SignedEnvelope forged =
                new SignedEnvelope(
                        good.key(), good.payloadType(), Bytes.wrap(changed), good.signature());
        PrivateKey mallory = MemoryHosts.key();
        SignedEnvelope stolen =
                SignedEnvelope.seal(
                        mallory, PeerRecord.DOMAIN, PeerRecord.PAYLOAD_TYPE, good.payload());
        for (SignedEnvelope bad : List.of(forged, stolen)) {
            assertThatThrownBy(() -> store.certify(bad, PeerStore.LEARNT))
                    .isInstanceOf(EnvelopeException.class);
        }
        assertThat(store.size()).isZero();
    }

    @Test
    void aRecordHasATimeToLiveThatHearingItAgainProlongs() throws Exception {
        PeerStore store = new PeerStore(10, clock::nanoTime);
        SignedEnvelope record = record(1, address(1));
        assertThat(store.certify(record, Duration.ofHours(1))).isTrue();
        clock.advance(Duration.ofMinutes(59));
        assertThat(store.certify(record, Duration.ofHours(1))).isTrue();
        clock.advance(Duration.ofMinutes(59));
        assertThat(store.addresses(BOB)).containsExactly(address(1));
        clock.advance(Duration.ofMinutes(1));
        assertThat(store.addresses(BOB)).isEmpty();
        assertThat(store.size()).isZero();
        assertThat(store.bytes()).isZero();
    }

    @Test
    void aRecordIsBoundedAndSoAreItsAddresses() throws Exception {
        PeerStore store = new PeerStore(10, clock::nanoTime);
        Multiaddr huge = Multiaddr.parse("/dns4/" + "x".repeat(4_000) + "/tcp/1");
        Multiaddr other = Multiaddr.parse("/dns4/" + "y".repeat(4_000) + "/tcp/1");
        assertThat(store.certify(record(1, huge, other, address(1)), PeerStore.LEARNT)).isTrue();
        assertThat(store.certify(record(2, huge, other, address(1)), PeerStore.LEARNT)).isTrue();
        assertThat(store.certify(record(3, huge, other, huge.withPeerId(BOB)), PeerStore.LEARNT))
                .as("over 8 KiB")
                .isFalse();
        List<Multiaddr> many = new ArrayList<>();
        for (int i = 1; i <= PeerRecord.MAX_ADDRESSES; i++) {
            many.add(address(i));
        }
        assertThat(store.certify(record(4, many.toArray(Multiaddr[]::new)), PeerStore.LEARNT))
                .isTrue();
        assertThat(store.addresses(BOB)).hasSize(PeerStore.MAX_ADDRESSES);
        for (int i = 1; i < 40; i++) {
            store.addAddress(BOB, Multiaddr.parse("/dns4/" + "z".repeat(3900) + "/tcp/" + i));
        }
        assertThat(store.certify(record(5, huge, other), PeerStore.LEARNT)).isTrue();
        assertThat(store.bytes()).isLessThanOrEqualTo(PeerStore.MAX_PEER_BYTES);
        assertThat(store.addresses(BOB)).contains(huge, other);
    }

    @Test
    void whatWasStoredComesBackWithTheTimeThatItHadLeft() throws Exception {
        PeerStore store = new PeerStore(10, clock::nanoTime);
        store.addAddress(BOB, address(1));
        assertThat(store.certify(record(5, address(5)), Duration.ofHours(3))).isTrue();
        store.addAddress(BOB, address(2), Duration.ofHours(1));
        store.identified(info(alice, List.of(), address(3)));
        List<StoredPeer> stored = store.stored(clock.instant());
        assertThat(stored).extracting(StoredPeer::peer).containsExactly(BOB, alice);
        assertThat(stored.getFirst().addresses())
                .as("the program says its own again")
                .extracting(StoredPeer.Address::address)
                .containsExactly(address(2));

        clock.advance(Duration.ofMinutes(30));
        PeerStore next = new PeerStore(10, clock::nanoTime);
        next.restore(stored, clock.instant());
        assertThat(next.addresses(BOB)).containsExactly(address(5), address(2));
        assertThat(next.addresses(alice)).containsExactly(address(3));
        assertThat(next.certify(record(4, address(4)), PeerStore.LEARNT))
                .as("the number is remembered")
                .isFalse();
        clock.advance(Duration.ofMinutes(30));
        assertThat(next.addresses(BOB)).containsExactly(address(5));
        clock.advance(Duration.ofHours(2));
        assertThat(next.addresses(BOB)).isEmpty();
    }

    @Test
    void whatIsOverIsNotTakenBackAndNothingLivesLongerThanWhatIsLearntNow() throws Exception {
        PeerStore store = new PeerStore(10, clock::nanoTime);
        Instant now = clock.instant();
        SignedEnvelope record = record(1, address(9));
        store.restore(
                List.of(
                        new StoredPeer(
                                alice,
                                List.of(
                                        new StoredPeer.Address(address(1), now),
                                        new StoredPeer.Address(
                                                address(2), now.plus(Duration.ofDays(9_999)))),
                                Optional.empty()),
                        new StoredPeer(
                                BOB,
                                List.of(),
                                Optional.of(new StoredPeer.Signed(record, now.minusMillis(1)))),
                        new StoredPeer(
                                peer(),
                                List.of(),
                                Optional.of(
                                        new StoredPeer.Signed(
                                                record, now.plus(Duration.ofHours(1)))))),
                now);
        assertThat(store.addresses(alice)).containsExactly(address(2));
        assertThat(store.record(BOB)).isEmpty();
        assertThat(store.size()).isEqualTo(1);
        clock.advance(PeerStore.LEARNT);
        assertThat(store.addresses(alice)).isEmpty();
    }
}
