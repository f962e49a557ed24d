package org.tutti.app.cli;

import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.benchmarks.simulation.KadSimulation;
import org.tutti.node.files.IoReason;
import org.tutti.testkit.kad.KadExperiment;
import org.tutti.testkit.kad.KadExperiment.Row;
import org.tutti.testkit.kad.KadExperiment.Scenario;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;

/// `./tutti bench kad-simulation`: a DHT of thousands of nodes in virtual time.
@Command(
        name = "kad-simulation",
        mixinStandardHelpOptions = true,
        description =
                "The DHT in a simulated network, in peace and under attack; minutes for 1000 nodes,"
                        + " and 8 GiB for 10000.")
final class KadSimulationCommand implements Callable<Integer> {
    private static final int MIN_NODES = 30;
    private static final int MAX_NODES = 10_000;
    private static final int MAX_LOOKUPS = 1_000_000;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Honest nodes, 30 to 10000 (default: ${DEFAULT-VALUE}).")
    private int nodes;

    @Option(
            names = "--lookups",
            paramLabel = "N",
            defaultValue = "10000",
            description =
                    "Look-ups for each seed, 10 to 1000000; attacks on one key or node take a tenth"
                            + " (default: ${DEFAULT-VALUE}).")
    private int lookups;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "3",
            description = "How many networks, 1 to 3 (default: ${DEFAULT-VALUE}).")
    private int seeds;

    @Option(
            names = "--scenarios",
            paramLabel = "S",
            split = ",",
            description = "Which of ${COMPLETION-CANDIDATES}, with commas (default: all of them).")
    private Set<Scenario> scenarios = EnumSet.allOf(Scenario.class);

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
        Simulations.requireBetween(spec, "--nodes", nodes, MIN_NODES, MAX_NODES);
        Simulations.requireBetween(spec, "--lookups", lookups, 10, MAX_LOOKUPS);
        Simulations.requireBetween(spec, "--seeds", seeds, 1, KadExperiment.SEEDS.size());
        Simulations.requireFolder(folder);
        PrintStream progress = json ? System.err : System.out;
        try {
            List<Row> rows =
                    KadSimulation.run(
                            nodes, lookups, seeds, scenarios, Simulations.given(folder), progress);
            if (json) {
                rows.forEach(row -> System.out.println(KadSimulation.json(nodes, row)));
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
