package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.config.ConfigException;
import org.tutti.node.config.ConfigReader;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.daemon.NodeCheck;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonRecords;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/// `./tutti node check --config FILE`
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description =
                "Say all that is wrong with a node's configuration and data folder, or risky, without"
                        + " starting it.")
final class NodeCheckCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "The node's configuration, TOML.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path config;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data folder, instead of the one that the file names.")
    private @Nullable Path data;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    /// What is printed with `--json`.
    private record Result(boolean ok, List<NodeCheck.Finding> findings) {
        Result {
            findings = List.copyOf(findings);
        }
    }

    @Override
    public Integer call() {
        List<NodeCheck.Finding> findings;
        try {
            NodeConfig read = ConfigReader.read(config);
            NodeCommand.checkLog(config, read);
            Path folder =
                    data != null
                            ? data.toAbsolutePath()
                            : read.data()
                                    .orElseThrow(() ->
                                            new ConfigException(
                                                    config,
                                                    1,
                                                    "data",
                                                    "missing, and no --data given"));
            findings = NodeCheck.of(read, config, folder);
        } catch (ConfigException e) {
            throw new CommandFailed("CONFIG", ExitCodes.CONFIG, e.text(), e);
        }
        boolean ok = findings.stream().allMatch(f -> f.level() != NodeCheck.Level.ERROR);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonLine.write(JsonRecords.fields(new Result(ok, findings))));
        } else {
            findings.forEach(f -> out.println(JsonRecords.name(f.level()) + ": " + f.message()));
            out.println(ok ? "the node can start" : "the node cannot start");
        }
        return ok ? ExitCodes.OK : ExitCodes.CONFIG;
    }
}
