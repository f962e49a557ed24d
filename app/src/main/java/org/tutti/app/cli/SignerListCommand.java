package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.SignerQuery;
import org.tutti.node.api.Signers;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `./tutti signer list --data DIR [--types spend …]`
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description =
                "Find signers: among those that the node knows, at connected peers and in the DHT.")
final class SignerListCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--types",
            split = ",",
            paramLabel = "TYPE",
            description = "Any of these (default: all).")
    private List<String> types = List.of();

    @Option(names = "--purpose", paramLabel = "TEXT", description = "Its advert has the same.")
    private @Nullable String purpose;

    @Option(
            names = "--min-amount-sat",
            paramLabel = "SAT",
            description = "An amount that it co-signs.")
    private @Nullable Long min;

    @Option(
            names = "--max-amount-sat",
            paramLabel = "SAT",
            description = "Another that it co-signs.")
    private @Nullable Long max;

    @Option(
            names = "--min-reputation",
            paramLabel = "NUMBER",
            description = "An unknown one is not enough.")
    private @Nullable Long minReputation;

    @Option(names = "--verified", description = "Only those who are vouched for.")
    private boolean verified;

    @Option(names = "--max", paramLabel = "COUNT", description = "At most so many (default: 100).")
    private @Nullable Long maxResults;

    @Option(names = "--known", description = "Only those that are known: nobody is asked.")
    private boolean known;

    @Option(
            names = "--wait",
            paramLabel = "MILLISECONDS",
            defaultValue = "5000",
            description = "How long to look at most (default: ${DEFAULT-VALUE}).")
    private long wait;

    @Override
    public Integer call() {
        SignerQuery query =
                new SignerQuery(
                        types.isEmpty() ? Optional.empty() : Optional.of(types),
                        Optional.ofNullable(purpose),
                        Optional.ofNullable(min),
                        Optional.ofNullable(max),
                        Optional.ofNullable(minReputation),
                        verified ? Optional.of(true) : Optional.empty(),
                        Optional.ofNullable(maxResults),
                        known ? Optional.of(true) : Optional.empty(),
                        wait);
        Signers answer = control.ask(SignerCommand.TIMEOUT, node -> node.findSigners(query));
        PrintWriter out = spec.commandLine().getOut();
        if (control.json) {
            out.println(ControlOptions.jsonLine(answer));
            return ExitCodes.OK;
        }
        if (answer.signers().isEmpty()) {
            out.println("no signers");
        }
        answer.signers().forEach(signer -> SignerText.print(out, signer));
        if (answer.hidden()) {
            out.println("the DHT could not be read whole: there may be more");
        }
        return ExitCodes.OK;
    }
}
