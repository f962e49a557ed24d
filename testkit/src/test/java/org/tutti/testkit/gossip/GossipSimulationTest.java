package org.tutti.testkit.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.testkit.net.NetworkSettings;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// GossipSub's figures, at the size that a build has time for; the larger ones by night, and in
/// docs/gossipsub-simulation.md.
class GossipSimulationTest {
    private static Map<String, Deliveries> run(int subscribers, int messages, int seeds) {
        Map<String, Deliveries> rows = new LinkedHashMap<>();
        new GossipExperiment(subscribers, messages, GossipExperiment.SEEDS.subList(0, seeds))
                .run(_ -> {})
                .forEach(row -> rows.put(row.name(), row.deliveries()));
        return rows;
    }

    private static Deliveries row(Map<String, Deliveries> rows, String name) {
        return Objects.requireNonNull(rows.get(name), name);
    }

    private static void assertFigures(Map<String, Deliveries> rows) {
        double quiet = row(rows, "quiet").millisTo99(0.5);
        assertThat(quiet).isLessThanOrEqualTo(300);
        assertThat(row(rows, "spam at 100 times the rate").millisTo99(0.99))
                .isLessThanOrEqualTo(2 * quiet);
        assertThat(row(rows, "20 % drop everything").delivered()).isGreaterThan(0.999);
        assertThat(row(rows, "one eclipsed node").delivered()).isGreaterThan(0.99);
        assertThat(row(rows, "churn 30 % an hour").delivered()).isGreaterThan(0.99);
        int[] groups = new int[1];
        rows.forEach((name, deliveries) -> {
            if (name.startsWith("group") || name.startsWith("cut off")) {
                groups[0]++;
                assertThat(deliveries.messages()).as(name).isPositive();
                assertThat(deliveries.missing()).as(name).isZero();
            }
        });
        assertThat(groups[0]).isEqualTo(22);
    }

    @Test
    void a100SubscribersAndAllGroupsGetTheirMessages() {
        assertFigures(run(100, 20, 1));
    }

    @Test
    @Tag("nightly")
    void so1000Do() {
        assertFigures(run(1_000, 100, GossipExperiment.SEEDS.size()));
    }

    @Test
    void whoIsSlowOrCutOffGetsEverythingLater() {
        NetworkSettings settings = NetworkSettings.internet().withoutLoss();
        GossipNetwork network = new GossipNetwork(1, settings);
        network.group(3);
        network.isolate(0, Duration.ofSeconds(10));
        Deliveries cut = network.publish(10, Duration.ofSeconds(5));
        assertThat(cut.missing()).isZero();
        assertThat(cut.millis(1)).as("the cut was there").isGreaterThan(5_000);
    }

    /// Its connections end after 30 s: it is told of what it missed when it connects again.
    @Test
    void whoWasAwayForAMinuteAndAHalfGetsEverythingWhenItIsBack() {
        GossipNetwork network = new GossipNetwork(1, NetworkSettings.internet().withoutLoss());
        network.group(5);
        Duration cut = Duration.ofSeconds(90);
        Deliveries missed = network.cutOff(0, cut, 100, cut).getLast();
        assertThat(missed.messages()).isEqualTo(100);
        assertThat(missed.missing()).isZero();
        assertThat(missed.millis(1)).as("the cut was there").isGreaterThan(60_000);
    }

    @Test
    void oneSeedGivesOneRun() {
        long[] traces = new long[3];
        for (int i = 0; i < traces.length; i++) {
            GossipNetwork network = new GossipNetwork(i / 2);
            network.grow(30, 5);
            network.publish(5, Duration.ofSeconds(5));
            traces[i] = network.trace();
        }
        assertThat(traces[0]).isEqualTo(traces[1]);
        assertThat(traces[2]).isNotEqualTo(traces[1]);
    }

    @Test
    void deliveriesCountWhatTheyAreTold() {
        Deliveries deliveries = new Deliveries();
        deliveries.add(100, new double[98], 150);
        double[] all = new double[100];
        all[7] = 40;
        deliveries.add(100, all, 100);
        assertThat(deliveries.missing()).isEqualTo(2);
        assertThat(deliveries.millisTo99(0.5)).isZero();
        assertThat(deliveries.millisTo99(1)).isInfinite();
        assertThat(deliveries.millis(1)).isEqualTo(40);
        assertThat(deliveries.duplicates()).isEqualTo(250.0 / 198 - 1);
    }
}
