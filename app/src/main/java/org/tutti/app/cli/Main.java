package org.tutti.app.cli;

import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.app.output.Terminal;
import org.tutti.node.files.PathEncoding;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// `./tutti`: the root of all commands.
///
/// No stack trace reaches a user: a [CommandFailed] is one line and its exit code, any other
/// exception is reported as a defect in one line, and `--debug` shows where it came from.
@Command(
        name = "tutti",
        description = "Sign Bitcoin transactions together: MuSig2 between peers on libp2p.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            NodeCommand.class,
            AddressCommand.class,
            PayCommand.class,
            PaymentsCommand.class,
            RequestCommand.class,
            GroupCommand.class,
            SignerCommand.class,
            SessionCommand.class,
            StatusCommand.class,
            org.tutti.app.p2p.P2pCommand.class,
            BenchCommand.class,
            EvidenceCommand.class,
            org.tutti.app.chain.ChainCommand.class,
            RegtestCommand.class,
            CompletionCommand.class,
            TrainClassArchiveCommand.class,
            CommandLine.HelpCommand.class
        },
        footer =
                "%n./tutti build (of the script alone) rebuilds the program from the current sources.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:success",
            "1:the command failed (refused, aborted, timed out)",
            "2:the command line is wrong",
            "3:a configuration file or data folder is wrong",
            "4:the environment does not allow it (port in use, folder locked, no temporary folder, Java too old, no node running)",
            "5:a defect in Tutti",
            "6:nobody can say yet whether a payment was made: do not repeat it before that is known",
            "130:ended by Ctrl-C"
        })
public final class Main implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Show where an error came from.")
    private boolean debug;

    private final boolean ownsProcess;

    /// @param ownsProcess whether the command is all that this process is for
    private Main(boolean ownsProcess) {
        this.ownsProcess = ownsProcess;
    }

    /// Runs the command and ends the process with its exit code.
    public static void main(String[] args) {
        Thread.setDefaultUncaughtExceptionHandler((thread, e) ->
                System.err.println("tutti: a defect in thread " + thread.getName() + ": " + e));
        PrintWriter out = terminal(System.out);
        PrintWriter err = terminal(System.err);
        Optional<String> fault =
                StartCheck.fault(System::getProperty, PathEncoding.ofThisProcess(), List.of(args));
        int code =
                fault.isPresent()
                        ? CommandError.of("CANNOT_START", fault.get(), ExitCodes.ENVIRONMENT)
                                .print(out, err, List.of(args).contains(CommandError.JSON))
                        : run(new Main(true), out, err, args);
        out.flush();
        err.flush();
        System.exit(code);
    }

    private static Terminal terminal(PrintStream stream) {
        return new Terminal(new OutputStreamWriter(stream, StandardCharsets.UTF_8));
    }

    /// Runs the command in this process, which goes on afterwards, and returns its exit code.
    public static int run(PrintWriter out, PrintWriter err, String... args) {
        return run(new Main(false), new Terminal(out), new Terminal(err), args);
    }

    private static int run(Main main, PrintWriter out, PrintWriter err, String... args) {
        CommandLine line = new CommandLine(main);
        line.setOut(out).setErr(err);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        // A folder may be called @home: an argument is what it says.
        line.setExpandAtFiles(false);
        line.setParameterExceptionHandler(Main::usage);
        line.setExecutionExceptionHandler((e, command, parsed) -> main.failed(e, command));
        return line.execute(args);
    }

    /// Whether the process may be changed for the command's sake: it ends with the command.
    boolean ownsProcess() {
        return ownsProcess;
    }

    private static int usage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        return new CommandError(
                        "USAGE",
                        String.valueOf(e.getMessage()),
                        Optional.of("see ./tutti " + path(command) + "--help"),
                        ExitCodes.USAGE)
                .print(
                        command.getOut(),
                        command.getErr(),
                        List.of(args).contains(CommandError.JSON));
    }

    private static String path(CommandLine command) {
        String name = command.getCommandSpec().qualifiedName(" ");
        return name.equals("tutti") ? "" : name.substring("tutti ".length()) + " ";
    }

    private int failed(Exception e, CommandLine command) {
        Exception told = EnvironmentFailure.of(e).<Exception>map(f -> f).orElse(e);
        CommandError error =
                told instanceof CommandFailed failed
                        ? CommandError.of(failed.code(), failed.reason(), failed.exitCode())
                        : CommandError.of(
                                "DEFECT",
                                "a defect in Tutti: " + e + (debug ? "" : " (--debug shows where)"),
                                ExitCodes.DEFECT);
        int code =
                error.print(
                        command.getOut(),
                        command.getErr(),
                        command.getParseResult().hasMatchedOption(CommandError.JSON));
        if (debug) {
            e.printStackTrace(command.getErr());
        }
        return code;
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
