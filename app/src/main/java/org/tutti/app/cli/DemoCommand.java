package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.demo.Demo;
import org.tutti.app.demo.DemoOptions;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.config.HostPort;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `./tutti demo`
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Make a whole payment on this machine: signer nodes and a Bitcoin peer, each a process of its"
                    + " own, sign it with MuSig2 and see it confirmed.",
            "With --bitcoin-peer the demo prints the group's address and waits until that node has paid"
                    + " and mined."
        })
final class DemoCommand implements Callable<Integer> {
    /// A week.
    private static final long MAX_WAIT_SECONDS = 7 * 24 * 3_600;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--signers",
            paramLabel = "N",
            defaultValue = "3",
            description = "How many signers, 2 to 15 (default: ${DEFAULT-VALUE}).")
    private int signers;

    @Option(names = "--json", description = "One JSON object per event per line.")
    private boolean json;

    @Option(
            names = "--bitcoin-peer",
            paramLabel = "HOST:PORT",
            description = "Use this regtest node's P2P port instead of our own Bitcoin peer.")
    private @Nullable String bitcoinPeer;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "1800",
            description =
                    "With --bitcoin-peer: longest wait for coins, and for the block"
                            + " (default: ${DEFAULT-VALUE}).")
    private long waitSeconds;

    @Option(names = "--keep", description = "Keep the nodes' folders, and print where they are.")
    private boolean keep;

    @Override
    public Integer call() {
        if (signers < DemoOptions.MIN_SIGNERS || signers > DemoOptions.MAX_SIGNERS) {
            throw usage("--signers: 2 to 15, not " + signers);
        }
        if (bitcoinPeer != null) {
            checkPeer(bitcoinPeer);
        }
        if (waitSeconds < 1 || waitSeconds > MAX_WAIT_SECONDS) {
            throw usage("--wait: 1 to " + MAX_WAIT_SECONDS + " seconds, not " + waitSeconds);
        }
        DemoOptions options =
                new DemoOptions(
                        signers,
                        Optional.ofNullable(bitcoinPeer),
                        Duration.ofSeconds(waitSeconds),
                        keep);
        Demo demo =
                new Demo(
                        options, spec.commandLine().getOut(), json, new SecureRandom(), Main.class);
        if (demo.run()) {
            return ExitCodes.OK;
        }
        return demo.environmentFailed() ? ExitCodes.ENVIRONMENT : ExitCodes.FAILED;
    }

    private void checkPeer(String text) {
        try {
            HostPort.parse(text);
        } catch (IllegalArgumentException e) {
            throw usage("--bitcoin-peer: " + text + ": " + e.getMessage());
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
