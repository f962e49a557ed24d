package org.tutti.coordinator.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.service.Strangers.Stranger;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.session.SessionTimeouts;
import org.tutti.signing.session.Step;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/// A signer whose user takes the rounds of a session, with real hosts on loopback.
@Timeout(60)
class StepByStepTest {
    @TempDir private Path folder;

    private static CoordinatorSettings settings(Duration round) {
        CoordinatorSettings all = CoordinatorSettings.DEFAULT;
        return new CoordinatorSettings(
                all.messages(),
                all.limits(),
                all.groups(),
                all.sessionLifetime(),
                new SessionTimeouts(Duration.ofSeconds(20), round, round),
                all.tick(),
                all.inboxInterval(),
                all.findFirst(),
                all.findMost(),
                all.gossipBurst(),
                all.gossipInterval(),
                all.contactLifetime());
    }

    private static Strangers two(Path folder, Duration round) throws Exception {
        Strangers strangers = new Strangers(folder);
        for (int i = 0; i < 2; i++) {
            Stranger signer = strangers.signer(Strangers.WILLING);
            signer.settings = settings(round);
            signer.stepwise = i == 1;
            signer.start(List.of());
        }
        strangers.connectToFirst();
        return strangers;
    }

    private static void notWaiting(Stranger signer, RequestId request) {
        assertThatExceptionOfType(CoordinatorException.class)
                .isThrownBy(() -> signer.coordinator().startRound2(request))
                .satisfies(
                        e -> assertThat(e.code()).isEqualTo(CoordinatorException.Code.NOT_WAITING));
    }

    @Test
    void eachRoundRunsWhenItIsStartedAndTheSignatureIsThere() throws Exception {
        try (Strangers strangers = two(folder, Duration.ofSeconds(30))) {
            Stranger automatic = strangers.signers.get(0);
            Stranger stepwise = strangers.signers.get(1);
            Invitation request = automatic.coordinator().announce(strangers.draft());
            CoordinatorEvent.StepNeeded first = stepwise.await(CoordinatorEvent.StepNeeded.class);
            assertThat(first.step()).isEqualTo(Step.NONCES);
            notWaiting(stepwise, request.id());
            Future<List<SchnorrSignature>> signature =
                    stepwise.coordinator().finalSignature(request.id());
            stepwise.coordinator().startRound1(request.id());
            stepwise.await(CoordinatorEvent.Round1Complete.class);
            CoordinatorEvent.StepNeeded second = stepwise.await(CoordinatorEvent.StepNeeded.class);
            assertThat(second.step()).isEqualTo(Step.PARTIALS);
            assertThat(second.session()).isEqualTo(first.session());
            assertThat(signature).isNotDone();
            stepwise.coordinator().startRound2(request.id());
            assertThat(signature.get()).hasSize(1);
            assertThat(stepwise.coordinator().finalSignature(request.id()).get())
                    .isEqualTo(signature.get());
            assertThat(automatic.await(CoordinatorEvent.Finalized.class).signatures())
                    .isEqualTo(signature.get());
            notWaiting(stepwise, request.id());
        }
    }

    @Test
    void aRoundThatIsNotStartedInTimeEndsTheAttemptAndTheNextOneHasItsOwnSteps() throws Exception {
        try (Strangers strangers = two(folder, Duration.ofMillis(700))) {
            Stranger automatic = strangers.signers.get(0);
            Stranger stepwise = strangers.signers.get(1);
            Invitation request = automatic.coordinator().announce(strangers.draft());
            stepwise.await(CoordinatorEvent.StepNeeded.class);
            stepwise.coordinator().startRound1(request.id());
            assertThat(stepwise.await(CoordinatorEvent.StepNeeded.class).step())
                    .isEqualTo(Step.PARTIALS);
            assertThat(automatic.await(CoordinatorEvent.SignerLate.class).signer())
                    .isEqualTo(stepwise.publicKey());
            // What is over waits for nothing.
            assertThat(stepwise.await(CoordinatorEvent.StepNeeded.class).step())
                    .isEqualTo(Step.NONCES);
            notWaiting(stepwise, request.id());
            stepwise.coordinator().startRound1(request.id());
            stepwise.await(CoordinatorEvent.StepNeeded.class);
            stepwise.coordinator().startRound2(request.id());
            assertThat(stepwise.coordinator().finalSignature(request.id()).get()).hasSize(1);
        }
    }

    @Test
    void whoWaitsForTheSignatureOfARequestThatEndsWithoutIsTold() throws Exception {
        try (Strangers strangers = two(folder, Duration.ofSeconds(30))) {
            Stranger automatic = strangers.signers.get(0);
            Invitation request = automatic.coordinator().announce(strangers.draft());
            Stranger stepwise = strangers.signers.get(1);
            stepwise.await(CoordinatorEvent.RequestReceived.class);
            Future<List<SchnorrSignature>> signature =
                    stepwise.coordinator().finalSignature(request.id());
            automatic.coordinator().withdraw(request.id(), "not needed");
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(signature::get)
                    .withCauseInstanceOf(CoordinatorException.class);
            assertThatExceptionOfType(CoordinatorException.class)
                    .isThrownBy(() -> stepwise.coordinator().finalSignature(request.id()));
        }
    }
}
