package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.app.logging.NodeLog;
import org.tutti.musig.NativeLibraryException;
import org.tutti.node.config.ConfigException;
import org.tutti.node.config.ConfigReader;
import org.tutti.node.config.MemberNames;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.daemon.Node;
import org.tutti.node.daemon.NodeException;
import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.files.InexactPathException;
import org.tutti.node.process.ProcessProtection;
import org.tutti.node.process.Signals;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;

/// `./tutti node --config FILE`: a signing node until Ctrl-C or SIGTERM.
@Command(
        name = "node",
        mixinStandardHelpOptions = true,
        description =
                "Run a signing node until Ctrl-C or SIGTERM, or make its keys (init) or a new journal (recover), or tell a running one what only its operator decides.",
        subcommands = {
            NodeInitCommand.class,
            NodeMemberCommand.class,
            NodeCheckCommand.class,
            NodeAcceptClockCommand.class,
            NodeAllowConflictCommand.class,
            NodeRecoverCommand.class,
            NodeAcceptRecoveryCommand.class
        })
final class NodeCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // by picocli
    private Main main;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The node's configuration, TOML.")
    private @Nullable Path config;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data folder, instead of the one that the file names.")
    private @Nullable Path data;

    @Option(names = "--json", description = "One JSON object per event per line.")
    private boolean json;

    @Option(
            names = "--parent-watch",
            hidden = true,
            description = "End when standard input ends: for processes that start nodes.")
    private boolean parentWatch;

    @Override
    public Integer call() throws InterruptedException {
        if (config == null) {
            throw new ParameterException(
                    spec.commandLine(), "--config FILE or the command init is needed");
        }
        NodeConfig read;
        try {
            read = ConfigReader.read(config);
        } catch (ConfigException e) {
            CommandFailed failed = new CommandFailed("CONFIG", ExitCodes.CONFIG, e.text(), e);
            try (NodeLog log = log(new MemberNames(List.of()))) {
                throw failed(log, failed);
            }
        }
        MemberNames names = new MemberNames(read.members());
        try (NodeLog log = log(names)) {
            return run(config, read, names, log);
        }
    }

    private NodeLog log(MemberNames names) {
        return NodeLog.start(json, names::of, System.out, InstantSource.system());
    }

    private Integer run(Path file, NodeConfig read, MemberNames names, NodeLog events)
            throws InterruptedException {
        try {
            Path folder = dataFolder(read);
            use(events, file, read);
            // Before a secret is in memory.
            ProcessProtection process =
                    main.ownsProcess()
                            ? ProcessProtection.apply()
                            : ProcessProtection.NOT_ASKED_FOR;
            try (Node node = Node.start(read, folder, process, events)) {
                Runtime.getRuntime()
                        .addShutdownHook(new Thread(() -> end(node, events), "node-end"));
                // What a service manager sends is not a failure.
                Signals.on("TERM", () -> System.exit(ExitCodes.OK));
                Signals.on("HUP", () -> reload(file, node, names, events));
                if (parentWatch) {
                    Thread.ofVirtual().name("parent-watch").start(NodeCommand::endWithParent);
                }
                node.awaitEnd();
            }
            return ExitCodes.OK;
        } catch (ConfigException e) {
            throw failed(events, new CommandFailed("CONFIG", ExitCodes.CONFIG, e.text(), e));
        } catch (NodeException e) {
            throw failed(events, new CommandFailed(e.code(), exitCode(e.kind()), e.reason(), e));
        } catch (InexactPathException | NativeLibraryException e) {
            throw EnvironmentFailure.of(e).map(f -> failed(events, f)).orElseThrow(() -> e);
        }
    }

    static void checkLog(Path file, NodeConfig read) throws ConfigException {
        try {
            NodeLog.check(read.log());
        } catch (IllegalArgumentException e) {
            throw new ConfigException(file, 0, "log.pattern", String.valueOf(e.getMessage()));
        }
    }

    private static void use(NodeLog log, Path file, NodeConfig read) throws ConfigException {
        checkLog(file, read);
        log.use(read.log());
    }

    private static void reload(Path file, Node node, MemberNames names, NodeLog log) {
        try {
            NodeConfig again = ConfigReader.read(file);
            use(log, file, again);
            names.use(again.members());
            node.reload(again);
        } catch (ConfigException e) {
            node.reloadFailed(e.text());
        }
    }

    @SuppressWarnings("try") // The blocks that opened them may never end: the process does.
    private static void end(Node node, NodeLog events) {
        node.close();
        events.close();
    }

    static int exitCode(NodeException.Kind kind) {
        return switch (kind) {
            case CONFIGURATION -> ExitCodes.CONFIG;
            case ENVIRONMENT -> ExitCodes.ENVIRONMENT;
            case DEFECT -> ExitCodes.DEFECT;
        };
    }

    private CommandFailed failed(EventSink events, CommandFailed e) {
        if (json) {
            events.emit(new NodeEvent.Failed(e.code(), e.reason()));
        }
        return e;
    }

    private Path dataFolder(NodeConfig read) throws ConfigException {
        if (data != null) {
            return data.toAbsolutePath();
        }
        Path file = config == null ? Path.of("") : config;
        return read.data()
                .orElseThrow(
                        () -> new ConfigException(file, 1, "data", "missing, and no --data given"));
    }

    private static void endWithParent() {
        byte[] ignored = new byte[64];
        try {
            while (System.in.read(ignored) >= 0) {
                // Nothing is sent on this pipe: only its end matters.
            }
        } catch (IOException e) {
            // A broken pipe is an end too.
        }
        System.exit(ExitCodes.OK);
    }
}
