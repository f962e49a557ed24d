package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.PayRequest;
import org.tutti.node.api.PaymentResult;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `./tutti pay --data DIR --to ADDRESS --amount-sat SAT`
@Command(
        name = "pay",
        mixinStandardHelpOptions = true,
        description =
                "Ask the group to sign a payment, and broadcast it. Every member's own policy decides.")
final class PayCommand implements Callable<Integer> {
    /// Readiness, nonces and partial signatures have deadlines of their own in the node: this is
    /// longer than all of them together, for every likely number of attempts.
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "ADDRESS",
            description = "The address to pay.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String to;

    @Option(
            names = "--amount-sat",
            required = true,
            paramLabel = "SAT",
            description = "The amount, in satoshi.")
    private long amount;

    @Option(
            names = "--fee-rate",
            paramLabel = "SAT_PER_VBYTE",
            defaultValue = "2",
            description = "Satoshi per virtual byte (default: ${DEFAULT-VALUE}).")
    private long feeRate;

    @Option(
            names = "--coins",
            paramLabel = "N",
            description = "Spend at least this many coins (default: as few as possible).")
    private @Nullable Integer coins;

    @Override
    public Integer call() {
        requireAtLeastOne("--amount-sat", amount);
        requireAtLeastOne("--fee-rate", feeRate);
        if (coins != null) {
            requireAtLeastOne("--coins", coins);
        }
        PayRequest request =
                new PayRequest(
                        to,
                        amount,
                        Optional.of(feeRate),
                        Optional.ofNullable(coins).map(Integer::longValue));
        PaymentResult answer = control.ask(TIMEOUT, node -> node.pay(request));
        PrintWriter out = spec.commandLine().getOut();
        if (control.json) {
            out.println(ControlOptions.jsonLine(answer));
        } else {
            out.println("txid  " + answer.txid());
            out.println("fee   %d sat".formatted(answer.feeSat()));
            out.println("See ./tutti status for its confirmations.");
        }
        return ExitCodes.OK;
    }

    /// The node checks everything else.
    private void requireAtLeastOne(String option, long value) {
        if (value < 1) {
            throw new ParameterException(spec.commandLine(), option + ": at least 1, not " + value);
        }
    }
}
