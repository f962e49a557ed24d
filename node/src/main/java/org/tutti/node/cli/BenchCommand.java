package org.tutti.node.cli;

import org.tutti.benchmarks.musig.MusigBench;
import org.tutti.benchmarks.p2p.P2pBench;
import org.tutti.benchmarks.p2p.P2pResult;
import org.tutti.benchmarks.sign.SignBench;
import org.tutti.benchmarks.sign.SignResult;
import org.tutti.coordinator.group.GroupException;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Path;

/// `./tutti bench …`: the measurements of the module `benchmarks`.
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measure this machine's signing, libp2p and MuSig2.")
final class BenchCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(
            name = "p2p",
            mixinStandardHelpOptions = true,
            description =
                    "Connections, pings and bytes between two processes, the CPU of both counted;"
                            + " about two minutes.")
    int p2p(
            @Option(
                            names = "--json",
                            description = "Print one JSON object; the rest goes to stderr.")
                    boolean json) {
        try {
            P2pResult result =
                    P2pBench.run(P2pBench.Settings.defaults(), json ? System.err : System.out);
            if (json) {
                spec.commandLine().getOut().println(result.json());
            }
            return ExitCodes.OK;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Command(
            name = "sign",
            mixinStandardHelpOptions = true,
            description =
                    "Whole signing sessions between N signers in one process that share nothing, journals"
                            + " forced to disk.")
    int sign(
            @Option(
                            names = "--signers",
                            defaultValue = "3",
                            description = "Size of the group; default 3.")
                    int signers,
            @Option(
                            names = "--sessions",
                            defaultValue = "400",
                            description = "Sessions measured; default 400.")
                    int sessions,
            @Option(
                            names = "--concurrency",
                            defaultValue = "0",
                            description =
                                    "Sessions at once in the second part; by itself 32, or 2 for large groups.")
                    int concurrency,
            @Option(
                            names = "--dir",
                            defaultValue = ".",
                            description =
                                    "Where the journals are while it runs; default the current folder.")
                    Path folder,
            @Option(names = "--json", description = "Print one JSON object.") boolean json) {
        if (signers < 2 || signers > 250 || sessions < 1 || concurrency < 0 || concurrency > 128) {
            throw new CommandFailed(
                    "BENCH",
                    ExitCodes.FAILED,
                    "--signers 2 to 250, --sessions from 1 on, --concurrency up to 128");
        }
        try {
            SignResult result = SignBench.run(signers, sessions, concurrency, folder);
            spec.commandLine().getOut().println(json ? result.json() : result.table());
            return ExitCodes.OK;
        } catch (IOException e) {
            throw failed(e);
        } catch (GroupException | IllegalStateException e) {
            throw new CommandFailed(
                    "BENCH", ExitCodes.FAILED, "the measurement failed: " + e.getMessage(), e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return ExitCodes.FAILED;
        }
    }

    @Command(
            name = "musig",
            mixinStandardHelpOptions = true,
            description =
                    "MuSig2 and Schnorr for 2 to 1000 signers, each operation against the bare native"
                            + " call; about a minute.")
    int musig(
            @Option(names = "--json", description = "Print one JSON object instead of the table.")
                    boolean json) {
        try {
            MusigBench.run(json, System.out);
            return ExitCodes.OK;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static CommandFailed failed(IOException e) {
        return new CommandFailed(
                "BENCH", ExitCodes.FAILED, "the measurement failed: " + e.getMessage(), e);
    }
}
