package org.tutti.app.cli;

import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.benchmarks.simulation.GossipSimulation;
import org.tutti.node.files.IoReason;
import org.tutti.testkit.gossip.GossipExperiment;
import org.tutti.testkit.gossip.GossipExperiment.Row;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;

/// `./tutti bench gossip-simulation`: a topic of a thousand subscribers in virtual time.
@Command(
        name = "gossip-simulation",
        mixinStandardHelpOptions = true,
        description =
                "GossipSub in a simulated network, in peace and under attack, and in small groups;"
                        + " minutes for 1000 subscribers.")
final class GossipSimulationCommand implements Callable<Integer> {
    private static final int MIN_SUBSCRIBERS = 30;
    private static final int MAX_SUBSCRIBERS = 10_000;
    private static final int MAX_MESSAGES = 10_000;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--subscribers",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Honest subscribers, 30 to 10000 (default: ${DEFAULT-VALUE}).")
    private int subscribers;

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "100",
            description =
                    "Messages of each scenario and seed, 10 to 10000 (default: ${DEFAULT-VALUE}).")
    private int messages;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "3",
            description = "How many networks, 1 to 3 (default: ${DEFAULT-VALUE}).")
    private int seeds;

    @Option(
            names = "--report",
            paramLabel = "DIR",
            description = "Writes figures and charts there.")
    private Path folder = Path.of("");

    @Option(
            names = "--json",
            description = "Print one JSON object a scenario; the rest goes to stderr.")
    private boolean json;

    @Override
    public Integer call() {
        Simulations.requireBetween(
                spec, "--subscribers", subscribers, MIN_SUBSCRIBERS, MAX_SUBSCRIBERS);
        Simulations.requireBetween(spec, "--messages", messages, 10, MAX_MESSAGES);
        Simulations.requireBetween(spec, "--seeds", seeds, 1, GossipExperiment.SEEDS.size());
        Simulations.requireFolder(folder);
        PrintStream progress = json ? System.err : System.out;
        try {
            List<Row> rows =
                    GossipSimulation.run(
                            subscribers, messages, seeds, Simulations.given(folder), progress);
            if (json) {
                rows.forEach(row -> System.out.println(GossipSimulation.json(subscribers, row)));
            }
            return ExitCodes.OK;
        } catch (UncheckedIOException e) {
            throw new CommandFailed(
                    "BENCH",
                    ExitCodes.FAILED,
                    "no report: " + IoReason.of(Objects.requireNonNull(e.getCause())),
                    e);
        }
    }
}
