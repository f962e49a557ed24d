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
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.service.Strangers.Stranger;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.schnorr.Schnorr;

import java.nio.file.Path;
import java.util.List;

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
            Thread.sleep(500);
            away.stop();

            Invitation request = requester.coordinator().announce(strangers.draft());
            assertThat(holder.await(CoordinatorEvent.RequestReceived.class).request())
                    .isEqualTo(request.id());
            holder.await(CoordinatorEvent.RequestJoined.class);
            Thread.sleep(3_000);
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
