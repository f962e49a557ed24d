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

/// `./tutti payments cancel ID --data DIR`
@Command(
        name = "cancel",
        mixinStandardHelpOptions = true,
        description =
                "Ask the group for a transaction that pays the group alone and takes the place of this node's payment. The payment is made all the same if a miner has it already.")
final class PaymentsCancelCommand implements Callable<Integer> {
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
                        PayCommand.TIMEOUT,
                        node -> PayCommand.outcome(() -> node.cancel(request))));
        return ExitCodes.OK;
    }
}
