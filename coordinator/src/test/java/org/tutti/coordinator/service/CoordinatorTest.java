package org.tutti.coordinator.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.coordinator.event.Channel;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.event.RequestPhase;
import org.tutti.coordinator.event.RequestView;
import org.tutti.coordinator.inbox.InboxPlace;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.service.Strangers.Stranger;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.KeySort;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.schnorr.Schnorr;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Signers who share no configuration, with real hosts on loopback.
@Timeout(60)
class CoordinatorTest {
    @TempDir private Path folder;

    @Test
    void strangersWhoAreConnectedSignWhatOneOfThemAsksFor() throws Exception {
        try (Strangers strangers = new Strangers(folder)) {
            for (int i = 0; i < 3; i++) {
                strangers.signer(Strangers.WILLING).start(List.of());
            }
            strangers.connectToFirst();
            Stranger first = strangers.signers.getFirst();
            PeerId second = strangers.signers.get(1).host().peerId();
            assertThat(first.coordinator().signsWith(second)).isFalse();
            Bytes hash = Bytes.fromHex("42".repeat(32));
            Invitation request =
                    strangers.signers.getFirst().coordinator().announce(strangers.draft(hash));
            for (Stranger signer : strangers.signers) {
                CoordinatorEvent.Finalized done = signer.await(CoordinatorEvent.Finalized.class);
                assertThat(done.request()).isEqualTo(request.id());
                assertThat(
                                Schnorr.verify(
                                        KeyAggContext.of(request.keys()).xOnlyKey(),
                                        hash.toArray(),
                                        done.signatures().getFirst()))
                        .isTrue();
                assertThat(signer.coordinator().requests())
                        .singleElement()
                        .extracting(RequestView::phase)
                        .isEqualTo(RequestPhase.SIGNED);
            }
            assertThat(first.coordinator().signsWith(second)).isTrue();
        }
    }

    @Test
    void aClockThatIsSetWhileAGroupIsThereIsTold() throws Exception {
        try (Strangers strangers = new Strangers(folder)) {
            strangers.signer(Strangers.WILLING).start(List.of());
            strangers.signer(Strangers.WILLING).start(List.of());
            strangers.connectToFirst();
            Stranger first = strangers.signers.getFirst();
            first.coordinator().announce(strangers.draft());
            first.await(CoordinatorEvent.Finalized.class);
            assertThat(first.clockSteps).isEmpty();
            first.clockSet = Duration.ofHours(3);
            Duration step = first.clockSteps.poll(30, TimeUnit.SECONDS);
            assertThat(step).isBetween(Duration.ofMinutes(179), Duration.ofMinutes(181));
            first.coordinator().acceptClock();
        }
    }

    @Test
    void whoseRulesHaveChangedRefusesTheSessionAndTheRequesterIsTold() throws Exception {
        try (Strangers strangers = new Strangers(folder)) {
            strangers.signer(Strangers.WILLING).start(List.of());
            strangers.signer(Strangers.CHANGED).start(List.of());
            strangers.connectToFirst();
            Stranger requester = strangers.signers.getFirst();
            Invitation request = requester.coordinator().announce(strangers.draft());
            for (int session = 0; session < 2; session++) {
                CoordinatorEvent.SessionAborted aborted =
                        requester.await(CoordinatorEvent.SessionAborted.class);
                assertThat(aborted.request()).isEqualTo(request.id());
                assertThat(aborted.code()).isEqualTo("CHANGED");
                assertThat(aborted.culprits()).isEmpty();
            }
            assertThat(strangers.signers.get(1).await(CoordinatorEvent.SessionAborted.class).code())
                    .isEqualTo("CHANGED");
        }
    }

    @Test
    void keysThatAreNotSortedAreAggregatedAsTheRequestListsThem() throws Exception {
        try (Strangers strangers = new Strangers(folder)) {
            for (int i = 0; i < 3; i++) {
                strangers.signer(Strangers.WILLING).start(List.of());
            }
            strangers.connectToFirst();
            List<PublicKey> sorted = KeySort.sort(strangers.keys());
            List<PublicKey> given = List.of(sorted.get(2), sorted.get(0), sorted.get(1));
            InvitationDraft draft = strangers.draft(Bytes.fromHex("43".repeat(32)));
            Invitation request =
                    strangers
                            .signers
                            .get(1)
                            .coordinator()
                            .announce(
                                    new InvitationDraft(
                                            given,
                                            KeyOrder.AS_GIVEN,
                                            draft.messages(),
                                            draft.psbt(),
                                            draft.forPeople(),
                                            draft.election(),
                                            0,
                                            draft.lifetime()));
            assertThat(request.keys()).isEqualTo(given);
            for (Stranger signer : strangers.signers) {
                CoordinatorEvent.Finalized done = signer.await(CoordinatorEvent.Finalized.class);
                assertThat(
                                Schnorr.verify(
                                        KeyAggContext.of(given).xOnlyKey(),
                                        Bytes.fromHex("43".repeat(32)).toArray(),
                                        done.signatures().getFirst()))
                        .isTrue();
            }
            assertThat(KeyAggContext.of(given).xOnlyKey())
                    .isNotEqualTo(KeyAggContext.of(sorted).xOnlyKey());
        }
    }

    @Test
    void aSignerWhoWasAwayGetsTheRequestFromAnotherAlthoughItsRequesterIsGone() throws Exception {
        try (Strangers strangers = new Strangers(folder)) {
            strangers.servers(3);
            for (int i = 0; i < 3; i++) {
                strangers.signer(Strangers.WILLING).start(strangers.bootstrap());
            }
            Stranger requester = strangers.signers.get(0);
            Stranger holder = strangers.signers.get(1);
            Stranger away = strangers.signers.get(2);
            strangers.connectToFirst();
            // The contact of the one that leaves has to be known: it was there before.
            holder.host().connect(away.host().peerId(), away.host().addresses());
            for (Stranger other : List.of(requester, holder)) {
                Strangers.awaitUntil(() -> other.coordinator().knowsInboxOf(away.publicKey()));
            }
            away.stop();

            Invitation request = requester.coordinator().announce(strangers.draft());
            assertThat(holder.await(CoordinatorEvent.RequestReceived.class).request())
                    .isEqualTo(request.id());
            holder.await(CoordinatorEvent.RequestJoined.class);
            Bytes place =
                    InboxPlace.of(
                            Strangers.NETWORK, away.publicKey(), InboxPlace.day(Instant.now()));
            PeerId holding = holder.host().peerId();
            Strangers.awaitUntil(() ->
                    requester.dht().findProviders(place, 20).providers().stream()
                            .anyMatch(provider -> provider.peer().equals(holding)));
            requester.stop();

            away.start(strangers.bootstrap());
            CoordinatorEvent.RequestReceived received =
                    away.await(CoordinatorEvent.RequestReceived.class);
            // It is asked for its inbox, and delivers what it has as soon as it is connected.
            assertThat(received.via()).isIn(Channel.INBOX, Channel.DIRECT);
            assertThat(received.from()).isEqualTo(holder.host().peerId());
            assertThat(received.isFromRequester()).isFalse();

            requester.start(strangers.bootstrap());
            for (Stranger signer : strangers.signers) {
                assertThat(signer.await(CoordinatorEvent.Finalized.class).request())
                        .isEqualTo(request.id());
            }
        }
    }
}
