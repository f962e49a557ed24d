package org.tutti.testkit.gossip;

import org.tutti.testkit.net.NetworkSettings;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// What is measured of GossipSub: a large topic in peace and under attack, and groups of which one
/// member is dead, slow or cut off.
public final class GossipExperiment {
    /// The seeds of all reports.
    public static final List<Long> SEEDS = List.of(1L, 2L, 3L);

    private static final int SPAMMERS = 5;

    /// Times the honest rate.
    private static final double SPAM = 100;

    /// In groups a message in a hundred is sent again by TCP, which strangers' networks seldom do.
    private static final double GROUP_LOSS = 0.01;

    /// Long enough for connections to be given up.
    private static final Duration LONG_CUT = Duration.ofSeconds(45);

    private static final List<Integer> GROUPS = List.of(2, 3, 5, 20);

    /// One row of a report.
    ///
    /// @param extra further figures by name
    public record Row(String name, Deliveries deliveries, Map<String, Double> extra) {
        public Row {
            extra = Map.copyOf(extra);
        }
    }

    private final int subscribers;
    private final int messages;
    private final List<Long> seeds;
    private final Map<String, Deliveries> deliveries = new LinkedHashMap<>();
    private final Map<String, Map<String, Double>> extras = new LinkedHashMap<>();

    /// @param messages of each scenario and seed; they come one a second, in groups two
    public GossipExperiment(int subscribers, int messages, List<Long> seeds) {
        this.subscribers = subscribers;
        this.messages = messages;
        this.seeds = List.copyOf(seeds);
    }

    /// Runs it.
    ///
    /// @param progress hears of each scenario that has ended, with its figures of all seeds so far
    public List<Row> run(Consumer<Row> progress) {
        for (long seed : seeds) {
            large(seed, progress);
            groups(seed, progress);
        }
        List<Row> rows = new ArrayList<>();
        deliveries.keySet().forEach(name -> rows.add(row(name)));
        return rows;
    }

    private Row row(String name) {
        return new Row(
                name,
                deliveries.getOrDefault(name, new Deliveries()),
                extras.getOrDefault(name, Map.of()));
    }

    private void note(String name, Deliveries some, Map<String, Double> extra, Consumer<Row> to) {
        deliveries.computeIfAbsent(name, _ -> new Deliveries()).addAll(some);
        extras.put(name, extra);
        to.accept(row(name));
    }

    private Duration time() {
        return Duration.ofSeconds(messages);
    }

    private void large(long seed, Consumer<Row> progress) {
        GossipNetwork quiet = new GossipNetwork(seed);
        long before = usedMemory();
        quiet.grow(subscribers, 0);
        double bytes = (double) (usedMemory() - before) / subscribers;
        Deliveries peace = quiet.publish(messages, time());
        note(
                "quiet",
                peace,
                Map.of(
                        "bytesPerNode", bytes,
                        "engineBytes", quiet.meanMemory(),
                        "meshPeers", quiet.meanMesh()),
                progress);
        quiet.spam(SPAMMERS, SPAM, time());
        note("spam at 100 times the rate", quiet.publish(messages, time()), Map.of(), progress);
        note(
                "one eclipsed node",
                quiet.eclipse(4, 60, messages, time()),
                Map.of("honestPeers", 4.0, "droppers", 60.0),
                progress);
        GossipNetwork dropping = new GossipNetwork(seed);
        dropping.grow(subscribers, subscribers / 4);
        note("20 % drop everything", dropping.publish(messages, time()), Map.of(), progress);
        GossipNetwork changing = new GossipNetwork(seed);
        changing.grow(subscribers, 0);
        Deliveries churned = changing.churn(0.3, time().multipliedBy(5), messages);
        note("churn 30 % an hour", churned, Map.of(), progress);
    }

    private void groups(long seed, Consumer<Row> progress) {
        for (int members : GROUPS) {
            String name = "group of " + members;
            note(name, group(seed, members).publish(messages, half()), Map.of(), progress);
            if (members > 2) {
                GossipNetwork dead = group(seed, members);
                dead.kill(0);
                note(name + ", one dead", dead.publish(messages, half()), Map.of(), progress);
            }
            GossipNetwork slow = new GossipNetwork(seed, settings());
            slow.slowDown(0, 20);
            slow.group(members);
            note(name + ", one slow", slow.publish(messages, half()), Map.of(), progress);
            GossipNetwork cut = group(seed, members);
            cut.isolate(0, Duration.ofSeconds(15));
            note(name + ", one cut off", cut.publish(messages, half()), Map.of(), progress);
            List<Deliveries> longer =
                    group(seed, members).cutOff(0, LONG_CUT, messages, LONG_CUT.multipliedBy(2));
            if (members > 2) {
                String others = name + ", one cut off for 45 s, the others";
                note(others, longer.getFirst(), Map.of(), progress);
            }
            note("cut off for 45 s, of " + members, longer.getLast(), Map.of(), progress);
        }
    }

    private Duration half() {
        return Duration.ofMillis(500L * messages);
    }

    private static NetworkSettings settings() {
        return NetworkSettings.internet().withLoss(GROUP_LOSS, 0);
    }

    private static GossipNetwork group(long seed, int members) {
        GossipNetwork network = new GossipNetwork(seed, settings());
        network.group(members);
        return network;
    }

    private static long usedMemory() {
        Runtime runtime = Runtime.getRuntime();
        runtime.gc();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
