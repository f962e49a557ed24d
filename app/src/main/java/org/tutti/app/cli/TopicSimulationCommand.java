package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.libp2p.kad.ListLimits;
import org.tutti.testkit.kad.TopicExperiment;
import org.tutti.testkit.kad.TopicExperiment.Listed;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

import java.util.Locale;
import java.util.concurrent.Callable;

/// `./tutti bench topic-simulation`: what is found under a topic of the DHT that somebody fills.
@Command(
        name = "topic-simulation",
        mixinStandardHelpOptions = true,
        description =
                "Entries under one topic of the DHT, of honest authors and of an attacker: which of"
                        + " them a listing finds.")
final class TopicSimulationCommand implements Callable<Integer> {
    private static final int MAX_AUTHORS = 100_000;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--honest",
            paramLabel = "N",
            defaultValue = "1000",
            description =
                    "Honest authors, 2 to 100000; half of them publish after the attacker (default:"
                            + " ${DEFAULT-VALUE}).")
    private int honest;

    @Option(
            names = "--attackers",
            paramLabel = "N",
            defaultValue = "10000",
            description = "The attacker's ids, 0 to 100000 (default: ${DEFAULT-VALUE}).")
    private int attackers;

    @Option(
            names = "--ground",
            paramLabel = "DEPTH",
            defaultValue = "0",
            description =
                    "The attacker's ids lie in one shard of this depth, 1 to 8, and have no"
                            + " entries; 0: random ids, each with a valid entry (default:"
                            + " ${DEFAULT-VALUE}).")
    private int depth;

    @Option(
            names = "--servers",
            paramLabel = "N",
            defaultValue = "200",
            description = "Servers of the DHT, 20 to 10000 (default: ${DEFAULT-VALUE}).")
    private int servers;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "One seed gives one run (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--json", description = "Print one JSON object a listing.")
    private boolean json;

    @Override
    public Integer call() {
        Simulations.requireBetween(spec, "--honest", honest, 2, MAX_AUTHORS);
        Simulations.requireBetween(spec, "--attackers", attackers, 0, MAX_AUTHORS);
        Simulations.requireBetween(spec, "--ground", depth, 0, 8);
        Simulations.requireBetween(spec, "--servers", servers, 20, 10_000);
        TopicExperiment topic = new TopicExperiment(seed, servers);
        topic.publishHonest(honest / 2);
        if (depth == 0) {
            topic.publishSybils(attackers);
        } else {
            topic.publishGround(attackers, depth);
        }
        topic.publishHonest(honest - honest / 2);
        int all = honest + attackers;
        ListLimits whole = new ListLimits(all + 1, 4 * all + 64, 4 * all);
        print("attacked", topic.list(whole));
        topic.renew();
        print("renewed", topic.list(whole));
        print("renewed, default limits", topic.list(ListLimits.DEFAULT));
        return ExitCodes.OK;
    }

    private void print(String when, Listed listed) {
        if (json) {
            ObjectNode object = new ObjectMapper().createObjectNode();
            object.put("when", when);
            object.put("found", listed.found());
            object.put("entries", listed.entries());
            object.put("shards", listed.shards());
            object.put("records", listed.records());
            object.put("end", listed.end().name());
            System.out.println(object);
        } else {
            System.out.printf(
                    Locale.ROOT,
                    "%-24s %6.2f %% of %d honest entries found; %d entries, %d shards read, %d"
                            + " records asked for, ended: %s%n",
                    when,
                    100 * listed.found(),
                    honest,
                    listed.entries(),
                    listed.shards(),
                    listed.records(),
                    listed.end());
        }
    }
}
