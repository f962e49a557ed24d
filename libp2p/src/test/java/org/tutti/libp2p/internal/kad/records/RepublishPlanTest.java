package org.tutti.libp2p.internal.kad.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tutti.libp2p.kad.record.RecordFixtures.MILLIS;
import static org.tutti.libp2p.kad.record.RecordFixtures.text;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;

import java.time.Duration;
import java.util.SplittableRandom;

class RepublishPlanTest {
    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static final long RETRY = RepublishPlan.RETRY.toMillis();
    private static final Bytes KEY = text("a key");

    private final RepublishPlan plan =
            new RepublishPlan(RepublishPlan.INTERVAL, new SplittableRandom(1));

    @Test
    void whatIsPublishedIsPublishedAgainAfterTwentyHoursOrSo() {
        plan.published(KEY, MILLIS);
        assertThat(plan.due(MILLIS + 19 * HOUR, 10)).isEmpty();
        assertThat(plan.due(MILLIS + 22 * HOUR, 10)).containsExactly(KEY);
        // Until it is told how that went, again soon, and not at once.
        assertThat(plan.due(MILLIS + 22 * HOUR, 10)).isEmpty();
        assertThat(plan.due(MILLIS + 22 * HOUR + RETRY, 10)).containsExactly(KEY);
        plan.published(KEY, MILLIS + 23 * HOUR);
        assertThat(plan.due(MILLIS + 42 * HOUR, 10)).isEmpty();
        assertThat(plan.size()).isOne();
    }

    @Test
    void publicationsThatWereMadeTogetherDoNotStayTogether() {
        for (int i = 0; i < 1_000; i++) {
            plan.published(text("key " + i), MILLIS);
        }
        int early = plan.due(MILLIS + 21 * HOUR, 1_000).size();
        assertThat(early).isBetween(400, 700);
        assertThat(plan.due(MILLIS + 22 * HOUR, 100)).hasSize(100);
    }

    @Test
    void whatFailedIsTriedAgainSoonAndWhatIsRemovedNever() {
        plan.published(KEY, MILLIS);
        plan.failed(KEY, MILLIS);
        assertThat(plan.due(MILLIS + RETRY - 1, 10)).isEmpty();
        assertThat(plan.due(MILLIS + RETRY, 10)).containsExactly(KEY);
        plan.remove(KEY);
        plan.remove(KEY);
        assertThat(plan.due(MILLIS + 100 * HOUR, 10)).isEmpty();
        assertThat(plan.size()).isZero();
    }

    @Test
    void aNodePublishesABoundedNumberOfKeys() {
        for (int i = 0; i < RepublishPlan.MAX_KEYS; i++) {
            plan.published(text("key " + i), MILLIS);
        }
        plan.published(text("key 0"), MILLIS);
        assertThatThrownBy(() -> plan.published(KEY, MILLIS))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new RepublishPlan(Duration.ZERO, new SplittableRandom(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
