package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.PayRequest;
import org.tutti.node.api.PaymentResult;
import org.tutti.node.json.JsonRecords;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `./tutti pay --data DIR --to ADDRESS --amount-sat SAT`
@Command(
        name = "pay",
        mixinStandardHelpOptions = true,
        description =
                "Ask the group to sign a payment, and broadcast it. Every member's own policy decides.")
final class PayCommand implements Callable<Integer> {
    /// The node itself gives up waiting before, and then says what is known of the payment.
    static final Duration TIMEOUT = Duration.ofMinutes(12);

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
            description = "Satoshi per virtual byte (default: 2).")
    private @Nullable Long feeRate;

    @Option(
            names = "--fee-ladder",
            paramLabel = "RATES",
            split = ",",
            description = {
                "Two or three rising rates such as 1,5,20, all signed at once: the lowest is sent, and",
                "after every three blocks without the payment the next one takes its place."
            })
    private List<Long> feeLadder = List.of();

    @Option(
            names = "--coins",
            paramLabel = "N",
            description = "Spend at least this many coins (default: as few as possible).")
    private @Nullable Integer coins;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = {
                "Name the payment: asked for again with the same key, it is made once, and its",
                "result is told again (default: a random key, which is printed)."
            })
    private @Nullable String key;

    @Option(
            names = "--again",
            description = {
                "Make the payment although one of the same amount to the same address, asked for",
                "with another key, is not confirmed yet."
            })
    private boolean again;

    @Option(
            names = "--group",
            paramLabel = "ID-OR-NAME",
            description = {
                "Which group pays: the name or id of one that was formed by strangers (default: the",
                "configured group, or else the only one)."
            })
    private @Nullable String group;

    @Override
    public Integer call() {
        requireAtLeastOne("--amount-sat", amount);
        if (feeRate != null) {
            requireAtLeastOne("--fee-rate", feeRate);
            if (!feeLadder.isEmpty()) {
                throw new ParameterException(
                        spec.commandLine(), "--fee-ladder takes the place of --fee-rate");
            }
        }
        if (coins != null) {
            requireAtLeastOne("--coins", coins);
        }
        PayRequest request =
                new PayRequest(
                        to,
                        amount,
                        feeLadder.isEmpty()
                                ? Optional.of(
                                        feeRate == null ? PayRequest.DEFAULT_FEE_RATE : feeRate)
                                : Optional.empty(),
                        Optional.ofNullable(coins).map(Integer::longValue),
                        Optional.ofNullable(key),
                        again ? Optional.of(true) : Optional.empty(),
                        feeLadder.isEmpty() ? Optional.empty() : Optional.of(feeLadder),
                        Optional.ofNullable(group));
        print(
                spec.commandLine().getOut(),
                control.json,
                control.ask(TIMEOUT, node -> outcome(() -> node.pay(request))));
        return ExitCodes.OK;
    }

    /// What became of a request to sign.
    static void print(PrintWriter out, boolean json, PaymentResult answer) {
        if (json) {
            out.println(ControlOptions.jsonLine(answer));
        } else {
            out.println("txid  " + answer.txid());
            answer.feeSat().ifPresent(fee -> out.println("fee   %d sat".formatted(fee)));
            out.println("state " + JsonRecords.name(answer.state()));
            out.println("key   " + answer.key());
            out.println("See ./tutti payments show " + answer.key() + " for its confirmations.");
        }
    }

    /// A request to sign, to a running node.
    @FunctionalInterface
    interface Asked {
        PaymentResult answer() throws ApiException;
    }

    /// A node that was asked and gave no answer may pay nevertheless.
    static PaymentResult outcome(Asked asked) throws ApiException {
        try {
            return asked.answer();
        } catch (ApiException e) {
            if (!e.code().equals("NODE_GAVE_NO_ANSWER")) {
                throw e;
            }
            throw new ApiException(
                    ApiException.UNKNOWN_OUTCOME,
                    e.reason()
                            + "; the payment may still be made: see ./tutti payments for its session"
                            + " and key, and do not repeat it without that key");
        }
    }

    /// The node checks everything else.
    private void requireAtLeastOne(String option, long value) {
        if (value < 1) {
            throw new ParameterException(spec.commandLine(), option + ": at least 1, not " + value);
        }
    }
}
