package org.tutti.testkit.kad;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.testkit.kad.KadExperiment.Row;
import org.tutti.testkit.kad.KadExperiment.Scenario;

import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// The DHT's figures, at the size that a build has time for; the larger ones by night, and in
/// docs/dht-simulation.md.
class KadSimulationTest {
    private static Map<String, Row> run(int nodes, int lookups, int seeds, Set<Scenario> which) {
        Map<String, Row> rows = new LinkedHashMap<>();
        new KadExperiment(nodes, lookups, KadExperiment.SEEDS.subList(0, seeds), which)
                .run(_ -> {})
                .forEach(row -> rows.put(row.name(), row));
        return rows;
    }

    private static void assertFigures(
            Map<String, Row> rows, String name, double success, int hops) {
        Row row = Objects.requireNonNull(rows.get(name), name);
        assertThat(row.sample().success()).as(row.name()).isGreaterThanOrEqualTo(success);
        assertThat(row.sample().hops(0.999)).as(row.name()).isLessThanOrEqualTo(hops);
        assertThat(row.sample().messages(0.99)).as(row.name()).isLessThanOrEqualTo(80);
        assertThat(row.extra().getOrDefault("published", 1.0)).as(row.name()).isEqualTo(1.0);
    }

    @Test
    void in200NodesValuesAreFoundAlsoAmongSybils() {
        Map<String, Row> rows = run(200, 300, 1, EnumSet.of(Scenario.BASELINE, Scenario.SYBILS_20));
        assertFigures(rows, "baseline", 0.999, 4);
        assertFigures(rows, "sybils 20 % later", 0.99, 4);
    }

    /// 60 nodes: a value is found until the attacker owns every replica, and hidden then.
    @Test
    void whoOwnsFifteenReplicasOfTwentyHidesNothingAndWhoOwnsAllDoes() {
        KadNetwork network = new KadNetwork(1);
        network.grow(60, 0, Duration.ofSeconds(30));
        assertThat(network.targeted(2, 15, 20).success()).isEqualTo(1.0);
        assertThat(network.targeted(2, 20, 20).success()).isLessThan(0.1);
    }

    @Test
    void oneSeedGivesOneRun() {
        long[] traces = new long[3];
        for (int i = 0; i < traces.length; i++) {
            KadNetwork network = new KadNetwork(i / 2);
            network.grow(30, 5, Duration.ofSeconds(10));
            network.publish(10);
            network.lookups(20);
            traces[i] = network.trace();
        }
        assertThat(traces[0]).isEqualTo(traces[1]);
        assertThat(traces[2]).isNotEqualTo(traces[1]);
    }

    @Test
    @Tag("nightly")
    void in1000NodesUnderEveryAttackTheFiguresHold() {
        Map<String, Row> rows =
                run(1_000, 10_000, KadExperiment.SEEDS.size(), EnumSet.allOf(Scenario.class));
        assertFigures(rows, "baseline", 0.999, 4);
        assertFigures(rows, "sybils 20 % later", 0.99, 4);
        assertFigures(rows, "churn 30 % an hour", 0.99, 4);
        assertFigures(rows, "targeted 10 of 20", 0.99, 6);
    }

    @Test
    @Tag("nightly")
    void in10000NodesTheFiguresHold() {
        Map<String, Row> rows =
                run(
                        10_000,
                        10_000,
                        1,
                        EnumSet.of(Scenario.BASELINE, Scenario.SYBILS_20, Scenario.CHURN));
        assertFigures(rows, "baseline", 0.999, 4);
        assertFigures(rows, "sybils 20 % later", 0.99, 4);
        assertFigures(rows, "churn 30 % an hour", 0.99, 4);
    }

    @Test
    void aSampleCountsWhatItIsTold() {
        Sample sample = new Sample();
        for (int i = 1; i <= 100; i++) {
            sample.attempted();
            sample.ended(i > 2, i == 50 ? 3 : 1, i, 10.0 * i);
        }
        // One that never ends.
        sample.attempted();
        Sample both = new Sample();
        both.add(sample);
        both.add(sample);
        for (Sample s : List.of(sample, both)) {
            assertThat(s.success()).isEqualTo(98.0 / 101);
            assertThat(s.hops(0.98)).isEqualTo(1);
            assertThat(s.hops(0.999)).isEqualTo(3);
            assertThat(s.messages(0.5)).isEqualTo(50);
            assertThat(s.messages(1)).isEqualTo(100);
            assertThat(s.millis(0.99)).isEqualTo(990);
        }
        assertThat(both.attempts()).isEqualTo(202);
    }
}
