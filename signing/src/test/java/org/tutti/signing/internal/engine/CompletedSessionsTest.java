package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.util.ArrayList;
import java.util.List;

class CompletedSessionsTest {
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 6, 7})
    void everySignerEndsWithTheSameValidSignatures(int size) {
        try (SimGroup sim = new SimGroup(size, 42 + size)) {
            SessionId id = sim.ask(sim.node(0), 3);
            sim.settle();
            SessionOutcome first = sim.outcome(0, id).orElseThrow();
            assertThat(first).isInstanceOf(SessionOutcome.Signed.class);
            for (int i = 1; i < size; i++) {
                assertThat(sim.outcome(i, id)).contains(first);
            }
            List<SessionEvent.Announced> announced =
                    sim.node(1).events.stream()
                            .filter(SessionEvent.Announced.class::isInstance)
                            .map(SessionEvent.Announced.class::cast)
                            .toList();
            List<MessageToSign> messages = announced.getFirst().request().messages();
            KeyContexts keys = new KeyContexts(sim.group);
            for (int m = 0; m < 3; m++) {
                assertThat(
                                Schnorr.verify(
                                        keys.of(messages.get(m)).xOnlyKey(),
                                        messages.get(m).hash().toArray(),
                                        ((SessionOutcome.Signed) first).signatures().get(m)))
                        .isTrue();
            }
            assertThat(sim.watch.signatures()).isEqualTo(3 * size);
            assertThat(sim.watch.unwiped()).isZero();
        }
    }

    @Test
    void manySessionsRunAtOnceAndEveryOneIsSigned() {
        try (SimGroup sim = new SimGroup(3, 5)) {
            List<SessionId> ids = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                ids.add(sim.ask(sim.node(i % 3), 1));
            }
            sim.settle();
            for (SessionId id : ids) {
                assertThat(sim.outcome(2, id)).get().isInstanceOf(SessionOutcome.Signed.class);
            }
        }
    }

    @Test
    void sessionNeedsTwoForcesAndGroupCommitFewer() {
        try (SimGroup sim = new SimGroup(2, 6)) {
            int before = sim.node(0).file.forces();
            sim.ask(sim.node(0), 2);
            sim.settle();
            assertThat(sim.node(0).file.forces() - before).isEqualTo(2);
        }
    }
}
