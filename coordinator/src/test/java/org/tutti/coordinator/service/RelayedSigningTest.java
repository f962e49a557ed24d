package org.tutti.coordinator.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.RequestLimits;
import org.tutti.coordinator.service.Strangers.Stranger;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.schnorr.Schnorr;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/// More signers than are all connected to all, with real hosts on loopback: the elected one relays.
@Timeout(120)
class RelayedSigningTest {
    @TempDir private Path folder;

    private static CoordinatorSettings fullMesh(int signers) {
        CoordinatorSettings all = CoordinatorSettings.DEFAULT;
        return new CoordinatorSettings(
                all.messages(),
                all.limits().withFullMesh(signers),
                all.groups(),
                all.sessionLifetime(),
                all.sessions(),
                all.tick(),
                all.inboxInterval(),
                all.findFirst(),
                all.findMost(),
                all.gossipBurst(),
                all.gossipInterval(),
                all.contactLifetime());
    }

    private static void requireSigned(Strangers strangers, Invitation request, Bytes hash)
            throws Exception {
        for (Stranger signer : strangers.signers) {
            CoordinatorEvent.Finalized done = signer.await(CoordinatorEvent.Finalized.class);
            assertThat(done.request()).isEqualTo(request.id());
            assertThat(
                            Schnorr.verify(
                                    KeyAggContext.of(request.keys()).xOnlyKey(),
                                    hash.toArray(),
                                    done.signatures().getFirst()))
                    .isTrue();
        }
    }

    private void signs(int signers, int fullMesh, int requests) throws Exception {
        try (Strangers strangers = new Strangers(folder)) {
            for (int i = 0; i < signers; i++) {
                Stranger signer = strangers.signer(Strangers.WILLING);
                signer.settings = fullMesh(fullMesh);
                signer.start(List.of());
            }
            strangers.connectToFirst();
            for (int i = 0; i < requests; i++) {
                Bytes hash = Bytes.fromHex("%064x".formatted(i + 1));
                Stranger requester = strangers.signers.get(i % signers);
                Invitation request = requester.coordinator().announce(strangers.draft(hash));
                requireSigned(strangers, request, hash);
                assertThat(Objects.requireNonNull(requester.signing).groups()).hasSize(1);
            }
        }
    }

    /// Each request elects another by its id; the group stays, and its relays are those of all.
    @Test
    void eachRequestIsSignedThroughTheOneThatItElects() throws Exception {
        signs(5, 3, 3);
    }

    @Test
    @Tag("nightly")
    void sixteenSignersSignThroughTheElectedOne() throws Exception {
        signs(16, RequestLimits.FULL_MESH_SIGNERS, 2);
    }
}
