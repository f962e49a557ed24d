package org.tutti.coordinator.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.coordinator.advert.AdvertEvent;
import org.tutti.coordinator.advert.AdvertLimits;
import org.tutti.coordinator.advert.Via;
import org.tutti.coordinator.internal.wire.Answer;
import org.tutti.coordinator.internal.wire.Crafted;
import org.tutti.coordinator.internal.wire.Question;
import org.tutti.coordinator.internal.wire.StatementReader;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.AdvertDraft;
import org.tutti.coordinator.message.AdvertTerms;
import org.tutti.coordinator.message.Contact;
import org.tutti.coordinator.message.MessageLimits;
import org.tutti.coordinator.message.Retirement;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerscore.PeerScores;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.ValidationResult;
import org.tutti.libp2p.pubsub.Validator;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// What gossip, streams and the DHT may bring, how often, and when this node says its own again.
class AdvertsTest {
    private static final Duration DAY = Duration.ofDays(1);

    private Instant now = Crafted.NOW;
    private final Crafted self = new Crafted();
    private final Crafted alice = new Crafted();
    private final Crafted bob = new Crafted();
    private final PeerId forwarder = new Crafted().identity.publicKey().peerId();
    private final List<AdvertEvent> events = new ArrayList<>();
    private final List<Advert> published = new ArrayList<>();
    private final List<Set<TransactionType>> retired = new ArrayList<>();
    private final List<Bytes> pushed = new ArrayList<>();
    private List<Multiaddr> addresses = List.of();
    private final Tasks tasks = new Tasks();
    private final Host host =
            Host.builder().identity(Keys.generate(KeyType.ED25519, new SecureRandom())).build();
    private final PeerScores scores = new PeerScores(() -> now);
    private final Verifier verifier =
            new Verifier(
                    new StatementReader(Crafted.NETWORK, MessageLimits.DEFAULT), () -> now, scores);
    private final Adverts adverts =
            new Adverts(
                    Coordinator.builder().host(host).network(Crafted.NETWORK).clock(() -> now),
                    self.signer,
                    new StatementReader(Crafted.NETWORK, MessageLimits.DEFAULT),
                    verifier,
                    this::contact,
                    events::add,
                    _ -> {},
                    new Recorded(),
                    () -> now.toEpochMilli() * 1_000_000L);
    private final CapturedPubsub pubsub = new CapturedPubsub();
    private final AdvertGossip gossip =
            new AdvertGossip(
                    Optional.of(pubsub),
                    Crafted.NETWORK,
                    adverts,
                    verifier,
                    tasks,
                    CoordinatorSettings.DEFAULT);

    /// Keeps what would go out.
    private final class Recorded implements Adverts.Channels {
        @Override
        public void advertised(Advert advert) {
            published.add(advert);
        }

        @Override
        public void retired(Retirement retirement, Set<TransactionType> types) {
            retired.add(Set.copyOf(types));
        }

        @Override
        public void push(PeerId peer, Bytes envelope) {
            pushed.add(envelope);
        }
    }

    private Contact contact() {
        return self.signer.contact(Optional.empty(), addresses, now.toEpochMilli(), now.plus(DAY));
    }

    @AfterEach
    void close() {
        gossip.close();
        tasks.close();
        host.close();
    }

    private Validator validator(TransactionType type) {
        gossip.subscribe(Set.of(type));
        return pubsub.validator(AdvertGossip.topic(Crafted.NETWORK, type));
    }

    private static Message message(TransactionType type, Bytes data) {
        return Message.anonymous(AdvertGossip.topic(Crafted.NETWORK, type), data);
    }

    private ValidationResult gossip(TransactionType type, Bytes envelope) {
        return validator(type).validate(message(type, envelope), forwarder);
    }

    private Advert advert(Crafted by, long later, TransactionType... types) {
        return by.advert(now.toEpochMilli() + later, DAY, types);
    }

    @Test
    void aKeyThatAdvertisesInThreeTypesAndAgainIsPassedOnAndMoreIsLeftOut() {
        TransactionType[] three = {
            TransactionType.SPEND, TransactionType.SWAP, TransactionType.COINJOIN
        };
        for (int again = 0; again < 4; again++) {
            Bytes envelope = advert(alice, again, three).envelope();
            for (TransactionType type : three) {
                assertThat(gossip(type, envelope)).isEqualTo(ValidationResult.ACCEPT);
                // What comes twice is nobody's fault, and goes no further.
                assertThat(gossip(type, envelope)).isEqualTo(ValidationResult.IGNORE);
            }
        }
        Bytes tooMuch = advert(alice, 4, three).envelope();
        assertThat(gossip(TransactionType.SPEND, tooMuch)).isEqualTo(ValidationResult.IGNORE);
        assertThat(gossip(TransactionType.SPEND, advert(bob, 0, three).envelope()))
                .isEqualTo(ValidationResult.ACCEPT);
        now = now.plusSeconds(59);
        assertThat(gossip(TransactionType.SPEND, tooMuch)).isEqualTo(ValidationResult.IGNORE);
        now = now.plusSeconds(1);
        assertThat(gossip(TransactionType.SPEND, tooMuch)).isEqualTo(ValidationResult.ACCEPT);
        assertThat(scores.score(forwarder)).isZero();
    }

    @Test
    void overAStreamNoTokenIsTaken() throws IOException {
        for (int again = 0; again < 20; again++) {
            var _ =
                    adverts.taken(
                            forwarder,
                            List.of(advert(alice, again, TransactionType.SPEND).envelope()));
        }
        assertThat(adverts.find(alice.publicKey()).orElseThrow().header().sequence())
                .isEqualTo(now.toEpochMilli() + 19);
    }

    @Test
    void aPeerHandsOverAndAsksForSoManyAtOnce() throws IOException {
        List<Bytes> many =
                Collections.nCopies(64, advert(alice, 0, TransactionType.SWAP).envelope());
        var _ = adverts.taken(forwarder, many);
        var _ = adverts.taken(forwarder, many);
        assertThatThrownBy(() -> adverts.taken(forwarder, many)).isInstanceOf(IOException.class);
        PeerId asking = new Crafted().identity.publicKey().peerId();
        Question.Find find = new Question.Find(Set.of(), Optional.empty());
        for (int i = 0; i < AdvertLimits.DEFAULT.askedBurst() / 16; i++) {
            var _ = adverts.asked(asking, find);
        }
        assertThatThrownBy(() -> adverts.asked(asking, find)).isInstanceOf(IOException.class);
        now = now.plusSeconds(1);
        assertThat(adverts.asked(asking, find)).isInstanceOf(Answer.Found.class);
        // New peers cost nothing: all together have a bound, too.
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 1 + AdvertLimits.DEFAULT.askedOfAll() / 64; i++) {
                                var _ =
                                        adverts.taken(
                                                new Crafted().identity.publicKey().peerId(), many);
                            }
                        })
                .isInstanceOf(IOException.class);
    }

    @Test
    void aTombstoneThatCameOverAStreamFirstIsPassedOnByGossipAndAForgedOneIsNot() throws Exception {
        Advert advert = advert(alice, 0, TransactionType.SPEND);
        var _ = gossip(TransactionType.SPEND, advert.envelope());
        Bytes tombstone =
                alice.signer.retire(advert.header().sequence(), now.toEpochMilli()).envelope();
        var _ = adverts.taken(forwarder, List.of(tombstone));
        assertThat(adverts.find(alice.publicKey())).isEmpty();
        byte[] forged = tombstone.toArray();
        forged[forged.length - 1] ^= 1;
        assertThat(gossip(TransactionType.SPEND, Bytes.wrap(forged)))
                .isEqualTo(ValidationResult.IGNORE);
        assertThat(gossip(TransactionType.SPEND, tombstone)).isEqualTo(ValidationResult.ACCEPT);
        assertThat(gossip(TransactionType.SPEND, tombstone)).isEqualTo(ValidationResult.IGNORE);
        // Others of the same sequence say nothing new, and a key could make any number.
        Bytes another =
                alice.signer.retire(advert.header().sequence(), now.toEpochMilli() + 1).envelope();
        assertThat(gossip(TransactionType.SPEND, another)).isEqualTo(ValidationResult.IGNORE);
    }

    @Test
    void aFloodThroughOneForwarderIsNotLookedAt() {
        Validator validator = validator(TransactionType.SPEND);
        Bytes old = advert(alice, -2 * DAY.toMillis(), TransactionType.SPEND).envelope();
        for (int i = 0; i < AdvertLimits.DEFAULT.forwarderBurst(); i++) {
            assertThat(validator.validate(message(TransactionType.SPEND, old), forwarder))
                    .isEqualTo(ValidationResult.IGNORE);
        }
        Bytes fresh = advert(bob, 0, TransactionType.SPEND).envelope();
        assertThat(validator.validate(message(TransactionType.SPEND, fresh), forwarder))
                .isEqualTo(ValidationResult.IGNORE);
        PeerId other = new Crafted().identity.publicKey().peerId();
        assertThat(validator.validate(message(TransactionType.SPEND, fresh), other))
                .isEqualTo(ValidationResult.ACCEPT);
    }

    @Test
    void whatHasNoPlaceInATopicIsRejectedAndHeldAgainstWhoForwardsIt() {
        Bytes swap = advert(alice, 0, TransactionType.SWAP).envelope();
        assertThat(gossip(TransactionType.SPEND, swap)).isEqualTo(ValidationResult.REJECT);
        assertThat(adverts.find(alice.publicKey())).isEmpty();
        assertThat(gossip(TransactionType.SPEND, contact().envelope()))
                .isEqualTo(ValidationResult.REJECT);
        assertThat(gossip(TransactionType.SPEND, Bytes.fromHex("00")))
                .isEqualTo(ValidationResult.REJECT);
        assertThat(scores.score(forwarder)).isNegative();
        for (int i = 0; i < 12; i++) {
            var _ = gossip(TransactionType.SPEND, Bytes.fromHex("00"));
        }
        assertThat(gossip(TransactionType.SWAP, swap)).isEqualTo(ValidationResult.IGNORE);
    }

    @Test
    void whatIsForgedTakesNoTokenOfTheKeyThatItNames() {
        Bytes good = advert(alice, 0, TransactionType.SPEND).envelope();
        for (int i = 0; i < 8; i++) {
            byte[] bytes = advert(alice, i, TransactionType.SPEND).envelope().toArray();
            bytes[bytes.length - 1] ^= 1; // Of the identity's signature.
            assertThat(gossip(TransactionType.SPEND, Bytes.wrap(bytes)))
                    .isEqualTo(ValidationResult.REJECT);
        }
        assertThat(gossip(TransactionType.SPEND, good)).isEqualTo(ValidationResult.ACCEPT);
    }

    @Test
    void aReplayAfterTheTombstoneGoesNoFurther() {
        Advert advert = advert(alice, 0, TransactionType.SPEND);
        assertThat(gossip(TransactionType.SPEND, advert.envelope()))
                .isEqualTo(ValidationResult.ACCEPT);
        Bytes tombstone =
                alice.signer.retire(advert.header().sequence(), now.toEpochMilli()).envelope();
        assertThat(gossip(TransactionType.SPEND, tombstone)).isEqualTo(ValidationResult.ACCEPT);
        assertThat(gossip(TransactionType.SPEND, tombstone)).isEqualTo(ValidationResult.IGNORE);
        assertThat(gossip(TransactionType.SPEND, advert.envelope()))
                .isEqualTo(ValidationResult.IGNORE);
        assertThat(adverts.find(alice.publicKey())).isEmpty();
        assertThat(scores.score(forwarder)).isZero();
    }

    @Test
    void whoHasAdvertisedTooMuchCanStillTakeItBack() {
        for (int i = 0; i < 6; i++) {
            var _ =
                    gossip(
                            TransactionType.SPEND,
                            advert(alice, i, TransactionType.SPEND).envelope());
        }
        long last = now.toEpochMilli() + 5;
        assertThat(gossip(TransactionType.SPEND, alice.signer.retire(last, last).envelope()))
                .isEqualTo(ValidationResult.ACCEPT);
        assertThat(adverts.all()).isEmpty();
    }

    @Test
    void whatTheDhtBringsCountsOnceWithWhatGossipBrings() throws Exception {
        for (int i = 0; i < 4; i++) {
            Bytes envelope = advert(alice, i, TransactionType.SPEND).envelope();
            assertThat(outcome(envelope)).isEqualTo(Adverts.Outcome.NEW);
            assertThat(outcome(envelope)).isEqualTo(Adverts.Outcome.KNOWN);
            assertThat(gossip(TransactionType.SPEND, envelope)).isEqualTo(ValidationResult.ACCEPT);
        }
        assertThat(outcome(advert(alice, 4, TransactionType.SPEND).envelope()))
                .isEqualTo(Adverts.Outcome.TOO_OFTEN);
    }

    private Adverts.Outcome outcome(Bytes envelope) throws Exception {
        return adverts.take(envelope, forwarder, Via.DHT, Advert.class::isInstance).outcome();
    }

    // --- this node's own

    private static AdvertDraft draft(TransactionType... types) {
        return AdvertDraft.of(AdvertTerms.of(List.of(types)));
    }

    @Test
    void theOwnAdvertIsSaidAgainAfterHalfOfItsLife() throws Exception {
        Advert first = adverts.advertise(draft(TransactionType.SPEND));
        now = now.plus(Duration.ofHours(12)).minusMillis(1);
        adverts.tick();
        assertThat(published).containsExactly(first);
        now = now.plusMillis(1);
        adverts.tick();
        assertThat(published).hasSize(2);
        Advert second = published.getLast();
        assertThat(second.header().sequence()).isEqualTo(now.toEpochMilli());
        assertThat(second.terms()).isEqualTo(first.terms());
        adverts.withdraw();
        now = now.plus(DAY);
        adverts.tick();
        assertThat(published).hasSize(2);
    }

    @Test
    void newAddressesAreSaidOnceAMinute() throws Exception {
        adverts.advertise(draft(TransactionType.SPEND));
        addresses = List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/9"));
        adverts.tick();
        assertThat(published).hasSize(1);
        now = now.plusSeconds(60);
        adverts.tick();
        assertThat(published.getLast().addresses()).isEqualTo(addresses);
    }

    @Test
    void sequencesGrowAlsoWithinAMillisecondAndWhenTheClockGoesBack() throws Exception {
        long first = adverts.advertise(draft(TransactionType.SPEND)).header().sequence();
        assertThat(adverts.advertise(draft(TransactionType.SPEND)).header().sequence())
                .isEqualTo(first + 1);
        now = now.minusSeconds(10);
        assertThat(adverts.advertise(draft(TransactionType.SPEND)).header().sequence())
                .isEqualTo(first + 2);
        // A clock that was far ahead counted nowhere, and binds nobody.
        now = now.minus(DAY);
        assertThat(adverts.advertise(draft(TransactionType.SPEND)).header().sequence())
                .isEqualTo(now.toEpochMilli());
    }

    @Test
    void typesThatAreDroppedAreTakenBackWhereTheyStood() throws Exception {
        adverts.advertise(draft(TransactionType.SPEND, TransactionType.SWAP));
        adverts.advertise(draft(TransactionType.SWAP, TransactionType.CUSTODY));
        assertThat(retired).containsExactly(Set.of(TransactionType.SPEND));
        assertThat(adverts.withdraw()).isTrue();
        assertThat(retired.getLast())
                .containsExactlyInAnyOrder(TransactionType.SWAP, TransactionType.CUSTODY);
        assertThat(events.getLast())
                .isEqualTo(new AdvertEvent.SignerWithdrawn(now, self.publicKey()));
    }

    @Test
    void whoConnectsGetsTheOwnAdvertOrWhatTookItBack() throws Exception {
        adverts.greeted(forwarder);
        assertThat(pushed).isEmpty();
        Advert advert = adverts.advertise(draft(TransactionType.SPEND));
        assertThat(pushed).containsExactly(advert.envelope());
        adverts.greeted(alice.identity.publicKey().peerId());
        assertThat(pushed).hasSize(2);
        adverts.disconnected(forwarder);
        adverts.withdraw();
        assertThat(pushed).hasSize(3);
        adverts.greeted(forwarder);
        assertThat(pushed.getLast()).isEqualTo(pushed.get(2));
        now = now.plus(Advert.MAX_LIFETIME).plusMillis(1);
        adverts.greeted(forwarder);
        assertThat(pushed).hasSize(4);
    }

    @Test
    void whoAsksGetsTheOwnAdvertFirst() throws Exception {
        Advert own = adverts.advertise(draft(TransactionType.SPEND));
        IntStream.range(0, 70)
                .forEach(_ -> {
                    Crafted one = new Crafted();
                    var _ =
                            gossip(
                                    TransactionType.SPEND,
                                    advert(one, 0, TransactionType.SPEND).envelope());
                });
        Answer.Found found =
                (Answer.Found)
                        adverts.asked(
                                forwarder,
                                new Question.Find(Set.of(TransactionType.SPEND), Optional.empty()));
        assertThat(found.envelopes()).hasSize(64).startsWith(own.envelope());
        assertThat(found.more()).isTrue();
        Answer.Found other =
                (Answer.Found)
                        adverts.asked(
                                forwarder,
                                new Question.Find(Set.of(TransactionType.SWAP), Optional.empty()));
        assertThat(other.envelopes()).isEmpty();
    }
}
