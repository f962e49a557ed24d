package org.tutti.node.cli;

import java.io.IOException;
import org.tutti.benchmarks.p2p.P2pBench;
import org.tutti.benchmarks.p2p.P2pResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
                            + " about a minute and a half.")
    int p2p(
            @Option(names = "--json", description = "Print one JSON object; the rest goes to stderr.")
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

    private static CommandFailed failed(IOException e) {
        return new CommandFailed(
                "BENCH", ExitCodes.FAILED, "the measurement failed: " + e.getMessage(), e);
    }
}
