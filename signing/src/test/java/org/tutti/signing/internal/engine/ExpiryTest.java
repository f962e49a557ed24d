package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionEvent;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Clocks: what has expired is not signed, and what must be remembered is not forgotten, however
/// the wall clock is set and however long the machine sleeps.
class ExpiryTest {
    private final OneEngine alice = new OneEngine();
    private Instant wall = GroupFixture.NOW;
    private Duration boot = Duration.between(Instant.EPOCH, GroupFixture.NOW);

    @AfterEach
    void close() {
        alice.close();
    }

    private List<EngineOutput> handle(EngineInput input) {
        return alice.handleAt(input, new EngineTime(wall, boot));
    }

    private void receive(Statement statement) {
        handle(new EngineInput.Received(statement));
    }

    /// Both clocks go on, as they do when the machine sleeps.
    private void pass(Duration duration) {
        wall = wall.plus(duration);
        boot = boot.plus(duration);
    }

    /// A session that waits for the last signer's nonces alone.
    private SigningRequest waitingForNoncesOfTwo() {
        SigningRequest request = alice.fixture.request(1, 1);
        handle(new EngineInput.Received(alice.fixture.owner(1).envelopeSigner().sign(request)));
        handle(
                new EngineInput.Decided(
                        request.sessionId(),
                        new org.tutti.signing.approval.Decision.Approved(request.messages())));
        receive(alice.ready(1, request, 1));
        receive(alice.ready(2, request, 1));
        receive(alice.nonces(1, request, 1));
        return request;
    }

    @Test
    void firstMessageAfterTheMachineSleptIsNotSigned() {
        SigningRequest request = waitingForNoncesOfTwo();
        pass(Duration.ofHours(9));
        receive(alice.nonces(2, request, 1));
        assertThat(alice.recorder.signatures()).isZero();
        assertThat(alice.sent(Contribution.Partials.class)).isEmpty();
        assertThat(alice.aborted().code()).isEqualTo("EXPIRED");
    }

    @Test
    void sessionExpiresAlsoWhenTheWallClockIsSetBack() {
        SigningRequest request = waitingForNoncesOfTwo();
        boot = boot.plus(Duration.ofHours(9));
        wall = wall.minus(Duration.ofDays(1));
        receive(alice.nonces(2, request, 1));
        assertThat(alice.recorder.signatures()).isZero();
        assertThat(alice.aborted().code()).isEqualTo("EXPIRED");
    }

    @Test
    void sessionExpiresWithTheWallClockToo() {
        SigningRequest request = waitingForNoncesOfTwo();
        wall = wall.plus(Duration.ofHours(9));
        receive(alice.nonces(2, request, 1));
        assertThat(alice.recorder.signatures()).isZero();
        assertThat(alice.aborted().code()).isEqualTo("EXPIRED");
    }

    @Test
    void timeoutsOfAPhaseFollowNoStepOfTheWallClock() {
        SigningRequest request = waitingForNoncesOfTwo();
        wall = wall.plus(Duration.ofMinutes(20));
        handle(new EngineInput.Tick());
        assertThat(alice.engine.liveSessions().getFirst().attempt()).isEqualTo(1);
        receive(alice.nonces(2, request, 1));
        assertThat(alice.recorder.signatures()).isEqualTo(1);
    }

    private void refuseARequest() {
        SigningRequest request = alice.fixture.request(1, 1);
        handle(new Inbounds(request).request());
        handle(
                new EngineInput.Decided(
                        request.sessionId(),
                        new org.tutti.signing.approval.Decision.Refused("NO", "no")));
    }

    @Test
    void clockThatJumpsFarAheadAndBackForgetsNoFinishedSession() {
        SigningRequest request = alice.fixture.request(1, 1);
        Inbounds asked = new Inbounds(request);
        handle(asked.request());
        handle(
                new EngineInput.Decided(
                        request.sessionId(),
                        new org.tutti.signing.approval.Decision.Refused("NO", "no")));
        assertThat(alice.engine.finishedSessions()).isEqualTo(1);
        Instant before = wall;
        wall = Instant.parse("2099-01-01T00:00:00Z");
        handle(new Inbounds(alice.fixture.request(2, 1)).request());
        assertThat(alice.events(SessionEvent.ClockStepped.class)).hasSize(1);
        wall = before;
        handle(asked.request());
        assertThat(alice.engine.dropped(alice.member(1), DropReason.SESSION_OVER)).isEqualTo(1);
        assertThat(alice.engine.liveSessions()).isEmpty();
    }

    @Test
    void afterAStepNothingIsForgottenUntilTheOperatorHasLookedAtTheClock() {
        refuseARequest();
        wall = wall.plus(Duration.ofHours(3));
        handle(new EngineInput.Tick());
        pass(Duration.ofDays(2));
        handle(new Inbounds(alice.fixture.request(2, 1, wall, wall.plusSeconds(60))).request());
        assertThat(alice.engine.finishedSessions()).isEqualTo(1);
        handle(new EngineInput.AcceptClock());
        handle(new Inbounds(alice.fixture.request(2, 1, wall, wall.plusSeconds(60))).request());
        assertThat(alice.engine.finishedSessions()).isZero();
    }

    @Test
    void clockThatRunsAheadByLessThanAStepForgetsNothing() {
        refuseARequest();
        wall = wall.plus(Duration.ofMinutes(90));
        handle(new Inbounds(alice.fixture.request(2, 1, wall, wall.plusSeconds(60))).request());
        assertThat(alice.events(SessionEvent.ClockStepped.class)).isEmpty();
        assertThat(alice.engine.finishedSessions()).isEqualTo(1);
        pass(Duration.ofMinutes(90));
        handle(new Inbounds(alice.fixture.request(2, 1, wall, wall.plusSeconds(60))).request());
        assertThat(alice.engine.finishedSessions()).as("both clocks agree").isZero();
    }

    @Test
    void requestThatMayHaveBeenForgottenIsNotSignedAgainAfterASmallStepBack() {
        SigningRequest request = alice.fixture.request(1, 1);
        handle(new Inbounds(request).request());
        approve(request);
        handle(
                new EngineInput.Received(
                        alice.sign(
                                2, request.sessionId(), 1, new Contribution.Refuse("NO", "no"))));
        pass(Duration.ofMinutes(40));
        handle(new Inbounds(alice.fixture.request(2, 1, wall, wall.plusSeconds(60))).request());
        wall = wall.minus(Duration.ofMinutes(30));
        handle(new Inbounds(request).request());
        approve(request);
        assertThat(alice.sent(Contribution.Ready.class))
                .as("another Ready of this process for one slot is proof of equivocation")
                .isEmpty();
    }

    private void approve(SigningRequest request) {
        handle(
                new EngineInput.Decided(
                        request.sessionId(),
                        new org.tutti.signing.approval.Decision.Approved(request.messages())));
    }

    @Test
    void smallStepsAreNotReported() {
        handle(new EngineInput.Tick());
        wall = wall.plus(EngineContext.MAX_CLOCK_STEP);
        handle(new EngineInput.Tick());
        wall = wall.minus(EngineContext.MAX_CLOCK_STEP);
        handle(new EngineInput.Tick());
        assertThat(alice.events(SessionEvent.ClockStepped.class)).isEmpty();
        wall = wall.minus(EngineContext.MAX_CLOCK_STEP.plusNanos(1));
        handle(new EngineInput.Tick());
        assertThat(alice.events(SessionEvent.ClockStepped.class))
                .extracting(SessionEvent.ClockStepped::by)
                .containsExactly(EngineContext.MAX_CLOCK_STEP.plusNanos(1).negated());
    }

    /// A request as its requester would send it.
    private final class Inbounds {
        private final SigningRequest request;

        Inbounds(SigningRequest request) {
            this.request = request;
        }

        EngineInput request() {
            int requester = alice.fixture.group.member(request.requester()).orElseThrow().index();
            return new EngineInput.Received(
                    alice.fixture.owner(requester).envelopeSigner().sign(request));
        }
    }
}
