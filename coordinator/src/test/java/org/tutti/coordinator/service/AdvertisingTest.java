package org.tutti.coordinator.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.coordinator.advert.AdvertEvent;
import org.tutti.coordinator.advert.FoundSigner;
import org.tutti.coordinator.advert.SearchResult;
import org.tutti.coordinator.advert.SignerFilter;
import org.tutti.coordinator.advert.Via;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.AdvertDraft;
import org.tutti.coordinator.message.AdvertTerms;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.coordinator.message.Vouch;
import org.tutti.coordinator.service.Strangers.Stranger;
import org.tutti.libp2p.kad.TopicResult;
import org.tutti.musig.keys.SecretKey;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/// Signers who advertise and are found, with real hosts on loopback.
@Timeout(60)
class AdvertisingTest {
    private static final Duration SEARCH = Duration.ofSeconds(20);
    private static final Set<TransactionType> ALL = EnumSet.allOf(TransactionType.class);

    @TempDir private Path folder;

    private static AdvertDraft draft(TransactionType... types) {
        return AdvertDraft.of(AdvertTerms.of(List.of(types)).named("alice", "co-signs"));
    }

    private static List<FoundSigner> find(Stranger seeker, SignerFilter filter) throws Exception {
        List<FoundSigner> found = new ArrayList<>();
        SearchResult result = seeker.coordinator().findSigners(filter, SEARCH, found::add);
        assertThat(result.found()).isEqualTo(found.size());
        return found;
    }

    @Test
    void anAdvertReachesWhoIsTwoHopsAwayByGossipAndItsNeighbourDirectly() throws Exception {
        try (Strangers strangers = new Strangers(folder)) {
            for (int i = 0; i < 3; i++) {
                strangers.signer(Strangers.WILLING).start(List.of());
                strangers.signers.get(i).coordinator().subscribe(ALL);
            }
            Stranger middle = strangers.signers.get(0);
            Stranger alice = strangers.signers.get(1);
            Stranger far = strangers.signers.get(2);
            strangers.connectToFirst();
            awaitMesh(alice, middle, far);

            Advert advert =
                    alice.coordinator()
                            .advertise(draft(TransactionType.SPEND, TransactionType.SWAP));
            assertThat(alice.awaitAdvert(AdvertEvent.SignerAdvertised.class).advert())
                    .isEqualTo(advert);
            AdvertEvent.SignerDiscovered near =
                    middle.awaitAdvert(AdvertEvent.SignerDiscovered.class);
            assertThat(near.advert()).isEqualTo(advert);
            assertThat(near.via()).isIn(Via.DIRECT, Via.GOSSIP);
            AdvertEvent.SignerDiscovered discovered =
                    far.awaitAdvert(AdvertEvent.SignerDiscovered.class);
            assertThat(discovered.advert()).isEqualTo(advert);
            assertThat(discovered.via()).isEqualTo(Via.GOSSIP);

            Advert again = alice.coordinator().advertise(draft(TransactionType.SWAP));
            // What it no longer does is taken back, before or after the new advert comes.
            Strangers.awaitUntil(() ->
                    far.coordinator().knownSigners().stream()
                            .anyMatch(known -> known.advert().equals(again)));
            assertThat(find(far, SignerFilter.of(Set.of(TransactionType.SPEND)))).isEmpty();
            assertThat(find(far, SignerFilter.of(Set.of(TransactionType.SWAP))))
                    .extracting(FoundSigner::advert, FoundSigner::via)
                    .containsExactly(org.assertj.core.groups.Tuple.tuple(again, Via.CACHE));

            far.advertEvents
                    .clear(); // The first advert may have been taken back before the second.
            assertThat(alice.coordinator().withdrawAdvert()).isTrue();
            assertThat(far.awaitAdvert(AdvertEvent.SignerWithdrawn.class).key())
                    .isEqualTo(alice.publicKey());
            Strangers.awaitUntil(() -> far.coordinator().knownSigners().isEmpty());
            assertThat(alice.coordinator().advert()).isEmpty();
            assertThat(alice.coordinator().withdrawAdvert()).isFalse();
        }
    }

    /// Until gossip has a way from one to the other.
    private static void awaitMesh(Stranger from, Stranger middle, Stranger to) throws Exception {
        String topic = AdvertGossip.topic(Strangers.NETWORK, TransactionType.SWAP);
        Strangers.awaitUntil(() ->
                from.gossip().mesh(topic).contains(middle.host().peerId())
                        && middle.gossip().mesh(topic).contains(to.host().peerId()));
    }

    @Test
    void whoConnectsLaterHearsAnAdvertAndFindsOthersThatItsPeerKnows() throws Exception {
        try (Strangers strangers = new Strangers(folder)) {
            Stranger alice = strangers.signer(Strangers.WILLING);
            Stranger bob = strangers.signer(Strangers.WILLING);
            Stranger late = strangers.signer(Strangers.WILLING);
            alice.start(List.of());
            bob.start(List.of());
            Advert advert = alice.coordinator().advertise(draft(TransactionType.CUSTODY));
            var _ = bob.host().connect(alice.host().peerId(), alice.host().addresses());
            AdvertEvent.SignerDiscovered discovered =
                    bob.awaitAdvert(AdvertEvent.SignerDiscovered.class);
            assertThat(discovered.via()).isEqualTo(Via.DIRECT);
            alice.coordinator().close();
            alice.host().close();
            assertThat(bob.awaitAdvert(AdvertEvent.SignerUnavailable.class).reason())
                    .isEqualTo(AdvertEvent.Reason.DISCONNECTED);

            late.start(List.of());
            var _ = late.host().connect(bob.host().peerId(), bob.host().addresses());
            Strangers.awaitUntil(
                    () -> !find(late, SignerFilter.of(Set.of(TransactionType.CUSTODY))).isEmpty());
            assertThat(find(late, SignerFilter.of(Set.of())))
                    .extracting(FoundSigner::advert)
                    .containsExactly(advert);
            alice.stop();
        }
    }

    @Test
    void aFreshProcessFindsASignerThroughTheDhtAndAsksItByWhatItsAdvertSays() throws Exception {
        try (Strangers strangers = new Strangers(folder)) {
            strangers.servers(3);
            Stranger alice = strangers.signer(Strangers.WILLING);
            Stranger seeker = strangers.signer(Strangers.WILLING);
            SecretKey voucher = SecretKey.generate(new SecureRandom());
            seeker.vouchers = Set.of(voucher.publicKey());
            alice.start(strangers.bootstrap());
            Vouch vouch =
                    Vouch.make(
                            voucher,
                            Strangers.NETWORK,
                            alice.publicKey(),
                            Instant.now().plusSeconds(3_600),
                            new SecureRandom());
            alice.coordinator()
                    .advertise(
                            new AdvertDraft(
                                    AdvertTerms.of(List.of(TransactionType.COINJOIN)),
                                    List.of(vouch),
                                    AdvertDraft.DEFAULT_LIFETIME));
            seeker.start(strangers.bootstrap());
            SignerFilter filter = SignerFilter.of(Set.of(TransactionType.COINJOIN));
            List<FoundSigner> found = new ArrayList<>();
            Strangers.awaitUntil(() -> {
                SearchResult result = seeker.coordinator().findSigners(filter, SEARCH, found::add);
                return result.found() > 0
                        && result.end() == SearchResult.End.COMPLETE
                        && Objects.requireNonNull(result.listings().get(TransactionType.COINJOIN))
                                        .end()
                                == TopicResult.End.COMPLETE;
            });
            assertThat(found).hasSize(1);
            assertThat(found.getFirst().via()).isEqualTo(Via.DHT);
            assertThat(found.getFirst().verified()).isTrue();
            assertThat(seeker.host().isConnected(alice.host().peerId())).isFalse();

            // Nobody knows its contact but by the advert.
            Invitation request = seeker.coordinator().announce(strangers.draft());
            for (Stranger signer : strangers.signers) {
                assertThat(signer.await(CoordinatorEvent.Finalized.class).request())
                        .isEqualTo(request.id());
            }

            // What is taken back is gone from the DHT, too.
            assertThat(alice.coordinator().withdrawAdvert()).isTrue();
            seeker.awaitAdvert(AdvertEvent.SignerWithdrawn.class);
            Strangers.awaitUntil(() -> {
                Stranger other = alice;
                return find(other, filter).isEmpty();
            });
            voucher.close();
        }
    }

    @Test
    void whatOthersWouldRefuseIsNotAdvertised() throws Exception {
        try (Strangers strangers = new Strangers(folder)) {
            Stranger alice = strangers.signer(Strangers.WILLING);
            alice.start(List.of());
            AdvertTerms long_ =
                    AdvertTerms.of(List.of(TransactionType.SPEND))
                            .named("\u20bf".repeat(64), "\u20bf".repeat(1_000))
                            .purpose("\u20bf".repeat(64));
            List<Vouch> vouches = new ArrayList<>();
            for (int i = 0; i < Vouch.MAX; i++) {
                try (SecretKey voucher = SecretKey.generate(new SecureRandom())) {
                    vouches.add(
                            Vouch.make(
                                    voucher,
                                    Strangers.NETWORK,
                                    alice.publicKey(),
                                    Instant.now(),
                                    new SecureRandom()));
                }
            }
            AdvertDraft tooLong = new AdvertDraft(long_, vouches, Duration.ofHours(1));
            assertThatThrownBy(() -> alice.coordinator().advertise(tooLong))
                    .isInstanceOf(CoordinatorException.class)
                    .hasMessageContaining("bytes");
            assertThat(alice.coordinator().advert()).isEmpty();
        }
    }
}
