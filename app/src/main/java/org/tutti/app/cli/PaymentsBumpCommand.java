package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.ReplaceRequest;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.Optional;
import java.util.concurrent.Callable;

/// `./tutti payments bump ID --data DIR`
@Command(
        name = "bump",
        mixinStandardHelpOptions = true,
        description =
                "Ask the group for a version of this node's payment that pays more to the miner. It takes the place of the earlier ones: at most one of all is ever mined.")
final class PaymentsBumpCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Parameters(paramLabel = "ID", description = "The payment, as for payments show.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String id;

    @Option(
            names = "--fee-rate",
            paramLabel = "SAT_PER_VBYTE",
            description = "Satoshi per virtual byte (default: as little as replaces it).")
    private @Nullable Long feeRate;

    @Override
    public Integer call() {
        ReplaceRequest request = new ReplaceRequest(id, Optional.ofNullable(feeRate));
        PayCommand.print(
                spec.commandLine().getOut(),
                control.json,
                control.ask(
                        PayCommand.TIMEOUT, node -> PayCommand.outcome(() -> node.bump(request))));
        return ExitCodes.OK;
    }
}
