package org.tutti.testkit.kad;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// What is measured of the DHT. For each seed a network of honest nodes grows; on it the scenarios
/// that were asked for run one after the other in the order of [Scenario], each attack ended before
/// the next. Where attackers are there from the start a network of its own grows.
public final class KadExperiment {
    /// The seeds of all reports.
    public static final List<Long> SEEDS = List.of(1L, 2L, 3L);

    private static final int MAX_VALUES = 1_000;

    private static final double CHURN_PER_HOUR = 0.3;

    /// In which every table is looked after four times, so that as many of its peers are gone as
    /// will be later.
    private static final Duration CHURN_TIME = Duration.ofMinutes(20);

    /// What happens to the network.
    public enum Scenario {
        /// Nothing.
        BASELINE,
        /// One fifth of all nodes are the attacker's, joined after the others had converged.
        SYBILS_20,
        SYBILS_40,
        /// 30 % of the nodes vanish without a word in an hour, and as many join.
        CHURN,
        /// The attacker's ids are the 5, 10, 15, 20 nearest to a key.
        TARGETED,
        /// Ids in the 1/8 of the key space that a key of providers is in.
        SHARD,
        /// A node that starts is surrounded.
        ECLIPSE,
        /// One fifth from the start.
        SYBILS_20_FROM_START,
        SYBILS_40_FROM_START
    }

    /// One row of a report.
    ///
    /// @param extra further figures by name
    public record Row(String name, Sample sample, Map<String, Double> extra) {
        public Row {
            extra = Map.copyOf(extra);
        }
    }

    private final int nodes;
    private final int lookups;
    private final List<Long> seeds;
    private final Set<Scenario> scenarios;
    private final Map<String, Sample> samples = new LinkedHashMap<>();
    private final Map<String, Map<String, double[]>> extras = new LinkedHashMap<>();

    /// @param lookups for each seed; attacks on single keys or nodes take a tenth
    public KadExperiment(int nodes, int lookups, List<Long> seeds, Set<Scenario> scenarios) {
        this.nodes = nodes;
        this.lookups = lookups;
        this.seeds = List.copyOf(seeds);
        this.scenarios = EnumSet.copyOf(scenarios);
    }

    /// Runs it.
    ///
    /// @param progress hears of each scenario that has ended, with its figures of all seeds so far
    public List<Row> run(Consumer<Row> progress) {
        for (long seed : seeds) {
            if (scenarios.stream().anyMatch(s -> s.compareTo(Scenario.ECLIPSE) <= 0)) {
                converged(seed, progress);
            }
            fromStart(seed, Scenario.SYBILS_20_FROM_START, 0.2, progress);
            fromStart(seed, Scenario.SYBILS_40_FROM_START, 0.4, progress);
        }
        List<Row> rows = new ArrayList<>();
        samples.keySet().forEach(name -> rows.add(row(name)));
        return rows;
    }

    private Row row(String name) {
        Map<String, Double> means = new LinkedHashMap<>();
        extras.getOrDefault(name, Map.of()).forEach((k, sum) -> means.put(k, sum[0] / sum[1]));
        return new Row(name, samples.getOrDefault(name, new Sample()), means);
    }

    private void note(String name, Sample sample, Map<String, Double> extra, Consumer<Row> to) {
        samples.computeIfAbsent(name, _ -> new Sample()).add(sample);
        Map<String, double[]> sums = extras.computeIfAbsent(name, _ -> new LinkedHashMap<>());
        extra.forEach((k, value) -> {
            double[] sum = sums.computeIfAbsent(k, _ -> new double[2]);
            sum[0] += value;
            sum[1]++;
        });
        to.accept(row(name));
    }

    /// Slower than a rush, as fast as a network that is announced.
    private static Duration growth(int count) {
        return Duration.ofSeconds(Math.max(60, count / 40));
    }

    private int values() {
        return Math.min(MAX_VALUES, nodes);
    }

    private void converged(long seed, Consumer<Row> progress) {
        KadNetwork network = new KadNetwork(seed);
        long before = usedMemory();
        network.grow(nodes, 0, growth(nodes));
        double bytes = (double) (usedMemory() - before) / nodes;
        double published = network.publish(values());
        if (scenarios.contains(Scenario.BASELINE)) {
            note(
                    "baseline",
                    network.lookups(lookups),
                    Map.of(
                            "published", published,
                            "bytesPerNode", bytes,
                            "peersInTable", network.meanTable()),
                    progress);
        }
        boolean attacked = false;
        for (Scenario scenario : List.of(Scenario.SYBILS_20, Scenario.SYBILS_40)) {
            if (scenarios.contains(scenario)) {
                attacked = true;
                boolean few = scenario == Scenario.SYBILS_20;
                network.joinSybils(few ? 0.2 : 0.4);
                sybils(network, few ? "sybils 20 % later" : "sybils 40 % later", progress);
            }
        }
        if (attacked
                && scenarios.stream()
                        .anyMatch(EnumSet.range(Scenario.CHURN, Scenario.ECLIPSE)::contains)) {
            network.endAttack(Duration.ofMinutes(6));
        }
        if (scenarios.contains(Scenario.CHURN)) {
            double stored = network.publish(values());
            note(
                    "churn 30 % an hour",
                    network.churn(CHURN_PER_HOUR, CHURN_TIME, lookups),
                    Map.of("published", stored),
                    progress);
        }
        if (scenarios.contains(Scenario.TARGETED)) {
            for (int owned : new int[] {5, 10, 15, 20}) {
                Sample sample = network.targeted(10, owned, Math.max(1, lookups / 10));
                note("targeted " + owned + " of 20", sample, Map.of(), progress);
            }
        }
        if (scenarios.contains(Scenario.SHARD)) {
            KadNetwork.Providers providers = network.shard(10, 100, 3, Math.max(1, lookups / 10));
            note(
                    "shard",
                    providers.sample(),
                    Map.of("honestFound", providers.found(), "listed", providers.listed()),
                    progress);
        }
        if (scenarios.contains(Scenario.ECLIPSE)) {
            int others = Math.max(20, nodes / 10);
            List<Sample> eclipse = network.eclipse(40, others, Math.max(1, lookups / 10));
            note("eclipse, its look-ups", eclipse.getFirst(), Map.of(), progress);
            note("eclipse, look-ups for it", eclipse.getLast(), Map.of(), progress);
        }
    }

    private void sybils(KadNetwork network, String name, Consumer<Row> progress) {
        double published = network.publish(values());
        note(
                name,
                network.lookups(lookups),
                Map.of("published", published, "sybilsInTables", network.sybilsInTables()),
                progress);
    }

    private void fromStart(long seed, Scenario scenario, double share, Consumer<Row> progress) {
        if (scenarios.contains(scenario)) {
            KadNetwork network = new KadNetwork(seed);
            int attackers = (int) Math.round(nodes * share / (1 - share));
            network.grow(nodes, attackers, growth(nodes + attackers));
            String name = "sybils %.0f %% from the start".formatted(100 * share);
            sybils(network, name, progress);
        }
    }

    private static long usedMemory() {
        Runtime runtime = Runtime.getRuntime();
        runtime.gc();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
