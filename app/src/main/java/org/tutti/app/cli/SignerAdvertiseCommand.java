package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.AdvertOrder;
import org.tutti.node.api.SignerInfo;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `./tutti signer advertise --data DIR [--types spend,swap …]`
@Command(
        name = "advertise",
        mixinStandardHelpOptions = true,
        description =
                "Advertise what this node co-signs, until it is withdrawn or the node stops; without"
                        + " --types what the configuration says in [requests.advertise].")
final class SignerAdvertiseCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--types",
            split = ",",
            paramLabel = "TYPE",
            description = "spend, swap, coinjoin, custody, escrow, channel, custom.")
    private List<String> types = List.of();

    @Option(names = "--custom-type", paramLabel = "TEXT", description = "What custom is.")
    private @Nullable String customType;

    @Option(names = "--min-amount-sat", paramLabel = "SAT", description = "The least (default: 0).")
    private @Nullable Long min;

    @Option(
            names = "--max-amount-sat",
            paramLabel = "SAT",
            description = "The most (default: no bound).")
    private @Nullable Long max;

    @Option(names = "--purpose", paramLabel = "TEXT", description = "Which seekers compare.")
    private @Nullable String purpose;

    @Option(names = "--nickname", paramLabel = "TEXT", description = "At most 64 characters.")
    private @Nullable String nickname;

    @Option(names = "--description", paramLabel = "TEXT", description = "At most 1,000 characters.")
    private @Nullable String description;

    @Option(names = "--fee-sat", paramLabel = "SAT", description = "Of each transaction.")
    private @Nullable Long fee;

    @Option(names = "--fee-ppm", paramLabel = "PPM", description = "Of the amount, besides.")
    private @Nullable Long feePpm;

    @Option(
            names = "--response-seconds",
            paramLabel = "SECONDS",
            description = "How soon it answers.")
    private @Nullable Long response;

    @Option(names = "--min-reputation", paramLabel = "NUMBER", description = "Asked of requesters.")
    private @Nullable Long minReputation;

    @Option(names = "--verified-only", description = "Requesters have to be vouched for.")
    private boolean verifiedOnly;

    @Option(
            names = "--vouch",
            paramLabel = "VOUCH",
            description = "As signer vouch writes it; at most four times.")
    private List<String> vouches = List.of();

    @Option(
            names = "--lifetime",
            paramLabel = "SECONDS",
            description = "How long each advert counts, up to 7 days (default: one day).")
    private @Nullable Long lifetime;

    @Override
    public Integer call() {
        AdvertOrder order =
                new AdvertOrder(
                        types.isEmpty() ? Optional.empty() : Optional.of(types),
                        Optional.ofNullable(customType),
                        Optional.ofNullable(min),
                        Optional.ofNullable(max),
                        Optional.ofNullable(purpose),
                        Optional.ofNullable(nickname),
                        Optional.ofNullable(description),
                        Optional.ofNullable(fee),
                        Optional.ofNullable(feePpm),
                        Optional.ofNullable(response),
                        Optional.ofNullable(minReputation),
                        verifiedOnly ? Optional.of(true) : Optional.empty(),
                        vouches.isEmpty() ? Optional.empty() : Optional.of(vouches),
                        Optional.ofNullable(lifetime));
        SignerInfo made = control.ask(SignerCommand.TIMEOUT, node -> node.advertise(order));
        if (control.json) {
            spec.commandLine().getOut().println(ControlOptions.jsonLine(made));
        } else {
            SignerText.print(spec.commandLine().getOut(), made);
        }
        return ExitCodes.OK;
    }
}
