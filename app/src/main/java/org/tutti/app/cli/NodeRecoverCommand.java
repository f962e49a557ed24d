package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.config.ConfigException;
import org.tutti.node.config.ConfigReader;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.daemon.NodeException;
import org.tutti.node.daemon.NodeRecovery;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.util.concurrent.Callable;

/// `./tutti node recover --config FILE`
@Command(
        name = "recover",
        mixinStandardHelpOptions = true,
        description = {
            "Make a new journal for a node whose journal is lost, damaged or went back, while it does not"
                    + " run. The node signs nothing with it until every other member's operator has accepted"
                    + " it (node accept-recovery) and the members have told it what may be signed or was.",
            "The day's limit counts as used up. An earlier journal is put aside, not deleted.",
            "Run again for a journal that waits for the others, it prints the same id."
        })
final class NodeRecoverCommand implements Callable<Integer> {
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

    @Option(
            names = "--replace",
            description =
                    "Put a journal aside that can be read: an old copy, as you know and the members do not.")
    private boolean replace;

    @Option(
            names = "--earlier-payments-unknown",
            description =
                    "All members have lost their journals, so that nobody knows what was signed before:"
                            + " earlier payments may still happen.")
    private boolean earlierUnknown;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        try {
            NodeConfig read = ConfigReader.read(config);
            NodeRecovery recovery = NodeRecovery.begin(read, folder(read), earlierUnknown, replace);
            spec.commandLine()
                    .getOut()
                    .println(json ? ControlOptions.jsonLine(recovery) : text(recovery));
            return ExitCodes.OK;
        } catch (ConfigException e) {
            throw new CommandFailed("CONFIG", ExitCodes.CONFIG, e.text(), e);
        } catch (NodeException e) {
            throw new CommandFailed(e.code(), NodeCommand.exitCode(e.kind()), e.reason(), e);
        }
    }

    private Path folder(NodeConfig read) throws ConfigException {
        if (data != null) {
            return data.toAbsolutePath();
        }
        return read.data()
                .orElseThrow(() ->
                        new ConfigException(config, 1, "data", "missing, and no --data given"));
    }

    private static String text(NodeRecovery recovery) {
        return recovery.putAside()
                        .map(path -> "the earlier journal is now " + path + "\n")
                        .orElse("")
                + """
                this node's new journal is %s
                Start the node, and tell the operator of each other member, who compares the id and runs
                  ./tutti node accept-recovery --data DIR %s %s
                Until all have, nothing is signed; status says who is missing.\
                """
                        .formatted(recovery.journal(), recovery.peerId(), recovery.journal());
    }
}
