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
            "With --scenario offline the signers share no group: one asks for a signature while another is"
                    + " away, leaves, and both are back when all sign.",
            "With --scenario discover signers advertise, and a node that starts later finds them in a DHT"
                    + " and by gossip, and has three of them sign.",
            "With --scenario strangers nodes that know one server of a DHT, and nothing of each other, find"
                    + " each other, become a group, and pay.",
            "With --bitcoin-peer the demo prints the group's address and waits until that node has paid"
                    + " and mined."
        })
final class DemoCommand implements Callable<Integer> {
    private static final int DEFAULT_SIGNERS = 3;
    private static final int DEFAULT_OFFLINE_SIGNERS = 5;

    /// A week.
    private static final long MAX_WAIT_SECONDS = 7 * 24 * 3_600;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--scenario",
            paramLabel = "NAME",
            defaultValue = "payment",
            description =
                    "What happens: payment (a configured group), offline, discover or strangers"
                            + " (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // by picocli
    private DemoOptions.Scenario scenario;

    @Option(
            names = "--signers",
            paramLabel = "N",
            description =
                    "How many signers, up to 15: at least 2 (default: 3), in the scenario offline 3"
                            + " (default: 5), in discover 5.")
    private @Nullable Integer signers;

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
        int count = signers == null ? defaultSigners() : signers;
        int least = DemoOptions.least(scenario);
        if (count < least || count > DemoOptions.MAX_SIGNERS) {
            throw usage("--signers: " + least + " to 15, not " + count);
        }
        if (bitcoinPeer != null && scenario != DemoOptions.Scenario.PAYMENT) {
            throw usage("--bitcoin-peer: only with --scenario payment");
        }
        if (bitcoinPeer != null) {
            checkPeer(bitcoinPeer);
        }
        if (waitSeconds < 1 || waitSeconds > MAX_WAIT_SECONDS) {
            throw usage("--wait: 1 to " + MAX_WAIT_SECONDS + " seconds, not " + waitSeconds);
        }
        DemoOptions options =
                new DemoOptions(
                        scenario,
                        count,
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

    private int defaultSigners() {
        return switch (scenario) {
            case PAYMENT, STRANGERS -> DEFAULT_SIGNERS;
            case OFFLINE -> DEFAULT_OFFLINE_SIGNERS;
            case DISCOVER -> DemoOptions.MIN_DISCOVER_SIGNERS;
        };
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
