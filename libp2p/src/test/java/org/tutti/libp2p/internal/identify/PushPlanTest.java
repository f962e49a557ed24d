package org.tutti.libp2p.internal.identify;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.identity.PeerId;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class PushPlanTest {
    private final PushPlan<String> plan = new PushPlan<>();

    private void connected(String connection) {
        plan.opened(connection);
        assertThat(plan.supports(connection, true)).isFalse();
    }

    /// What the threads would push to, all at once.
    private List<String> pushed() {
        List<String> all = new ArrayList<>();
        int threads = plan.due();
        for (int i = 0; i < threads; i++) {
            for (Optional<String> next = plan.next(); next.isPresent(); next = plan.next()) {
                all.add(next.get());
                plan.told(next.get(), plan.version());
            }
        }
        return all;
    }

    @Test
    void aChangeIsPushedOnceToEachConnectionThatTakesPushes() {
        connected("bob");
        connected("carol");
        plan.opened("mallory");
        assertThat(plan.supports("mallory", false)).isFalse();
        assertThat(plan.changed()).isTrue();
        assertThat(pushed()).containsExactlyInAnyOrder("bob", "carol");
        assertThat(pushed()).isEmpty();
    }

    @Test
    void changesThatFollowQuicklyTravelTogether() {
        connected("bob");
        assertThat(plan.changed()).isTrue();
        assertThat(plan.changed()).isFalse();
        assertThat(plan.changed()).isFalse();
        assertThat(pushed()).containsExactly("bob");
        assertThat(plan.changed()).isTrue();
        assertThat(pushed()).containsExactly("bob");
    }

    @Test
    void nothingIsScheduledWhileNobodyIsConnected() {
        assertThat(plan.changed()).isFalse();
        connected("bob");
        assertThat(pushed()).as("bob asks after the change").isEmpty();
    }

    @Test
    void whoAskedAfterTheChangeIsNotTold() {
        connected("bob");
        assertThat(plan.changed()).isTrue();
        plan.told("bob", plan.version());
        assertThat(pushed()).isEmpty();
    }

    @Test
    void aChangeBetweenTheAnswerAndTheNewsThatPushesAreTakenIsNotLost() {
        plan.opened("bob");
        plan.told("bob", plan.version());
        assertThat(plan.changed()).isTrue();
        assertThat(pushed()).as("it is not known yet whether bob takes pushes").isEmpty();
        assertThat(plan.supports("bob", true)).isTrue();
        assertThat(pushed()).containsExactly("bob");
    }

    @Test
    void aConnectionThatEndedIsForgotten() {
        connected("bob");
        connected("carol");
        assertThat(plan.changed()).isTrue();
        assertThat(plan.due()).isEqualTo(2);
        plan.ended("bob");
        assertThat(plan.next()).contains("carol");
        assertThat(plan.next()).isEmpty();
        assertThat(plan.next()).isEmpty();
        plan.told("bob", 7);
        assertThat(plan.supports("bob", true)).isFalse();
    }

    @Test
    void noMoreThreadsThanTheBoundPushAtOnce() {
        for (int i = 0; i < 1_000; i++) {
            connected("peer " + i);
        }
        assertThat(plan.changed()).isTrue();
        assertThat(plan.due()).isEqualTo(PushPlan.MAX_AT_ONCE);
        assertThat(plan.changed()).isTrue();
        assertThat(plan.due()).as("all of them are busy").isZero();
        int count = 0;
        while (plan.next().isPresent()) {
            count++;
        }
        assertThat(count).isEqualTo(1_000);
        assertThat(plan.changed()).isTrue();
        assertThat(plan.due()).as("one has ended").isEqualTo(1);
    }

    @Test
    void aPeerPushesTenTimesAndThenOnceInFiveSeconds() {
        PushBudget budget = new PushBudget(2);
        PeerId mallory = MemoryHosts.key().publicKey().peerId();
        for (int i = 0; i < PushBudget.BURST; i++) {
            assertThat(budget.take(mallory, 0)).isTrue();
        }
        assertThat(budget.take(mallory, 0)).isFalse();
        assertThat(budget.take(mallory, Duration.ofMillis(4_999).toNanos())).isFalse();
        assertThat(budget.take(mallory, Duration.ofSeconds(5).toNanos())).isTrue();
        assertThat(budget.take(mallory, Duration.ofSeconds(5).toNanos())).isFalse();
        assertThat(budget.take(MemoryHosts.key().publicKey().peerId(), 0)).isTrue();
    }
}
