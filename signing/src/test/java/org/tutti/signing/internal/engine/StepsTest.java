package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.signing.session.Step;

import java.util.List;

/// A signer whose user takes each step of an attempt: nothing leaves before, and what is not taken
/// in time ends the attempt.
class StepsTest extends GroupWithMallory {
    StepsTest() {
        super(23);
        bob.approval = request -> new Decision.Approved(request.messages(), Hold.NONE, true);
    }

    private List<Step> awaited() {
        return bob.events.stream()
                .filter(SessionEvent.StepAwaited.class::isInstance)
                .map(event -> ((SessionEvent.StepAwaited) event).step())
                .toList();
    }

    private boolean said(Class<? extends Contribution.Body> kind) {
        return sim.said(bob).stream().anyMatch(s -> kind.isInstance(s.contribution().body()));
    }

    private void take(SessionId id, Step step) {
        bob.handle(new EngineInput.TakeStep(id, step));
        sim.settle();
    }

    @Test
    void nothingLeavesBeforeItsStepAndThenAllSign() {
        SessionId id = sim.ask(alice, 2);
        sim.settle();
        assertThat(awaited()).containsExactly(Step.NONCES);
        assertThat(said(Contribution.Nonces.class)).isFalse();
        // Those of others may be here, and those of the other step are not taken for it.
        take(id, Step.PARTIALS);
        assertThat(said(Contribution.Nonces.class)).isFalse();
        take(id, Step.NONCES);
        assertThat(awaited()).containsExactly(Step.NONCES, Step.PARTIALS);
        assertThat(said(Contribution.Nonces.class)).isTrue();
        assertThat(said(Contribution.Partials.class)).isFalse();
        take(id, Step.NONCES);
        assertThat(said(Contribution.Partials.class)).isFalse();
        take(id, Step.PARTIALS);
        for (SimNode node : sim.nodes) {
            assertThat(node.outcomes.get(id)).isInstanceOf(SessionOutcome.Signed.class);
        }
        assertThat(awaited()).hasSize(2);
    }

    @Test
    void aSecondStepThatIsNotTakenEndsTheAttemptAndWipesItsNonces() {
        SessionId id = sim.ask(alice, 1);
        sim.settle();
        take(id, Step.NONCES);
        int made = sim.watch.generated();
        assertThat(made).isEqualTo(sim.nodes.size());
        assertThat(sim.watch.unwiped(bob.key.publicKey())).isEqualTo(1);
        while (bob.events.stream().noneMatch(SessionEvent.AttemptFailed.class::isInstance)) {
            assertThat(sim.passTime()).isTrue();
            sim.settle();
        }
        assertThat(bob.events)
                .filteredOn(SessionEvent.AttemptFailed.class::isInstance)
                .first()
                .extracting(event -> ((SessionEvent.AttemptFailed) event).holdouts())
                .isEqualTo(List.of(bob.member));
        assertThat(said(Contribution.Partials.class)).isFalse();
        assertThat(sim.watch.unwiped(bob.key.publicKey())).isZero();
        // The next attempt has nonces of its own, and its own steps.
        assertThat(awaited()).containsExactly(Step.NONCES, Step.PARTIALS, Step.NONCES);
        take(id, Step.NONCES);
        take(id, Step.PARTIALS);
        assertThat(alice.outcomes.get(id)).isInstanceOf(SessionOutcome.Signed.class);
        assertThat(sim.watch.generated()).isEqualTo(2 * made);
    }

    @Test
    void whoTakesNoStepHasNeitherNoncesNorSignaturesAndTheSessionEnds() {
        SessionId id = sim.ask(alice, 1);
        sim.run();
        assertThat(said(Contribution.Nonces.class)).isFalse();
        assertThat(bob.outcomes.get(id)).isInstanceOf(SessionOutcome.Aborted.class);
        assertThat(alice.outcomes.get(id))
                .isInstanceOfSatisfying(
                        SessionOutcome.Aborted.class,
                        aborted -> assertThat(aborted.observed()).containsExactly(bob.member));
        assertThat(sim.watch.unwiped()).isZero();
        // A step that comes afterwards changes nothing.
        take(id, Step.NONCES);
        assertThat(said(Contribution.Nonces.class)).isFalse();
    }
}
