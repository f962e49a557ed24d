package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.RequestEnded;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/// `./tutti request refuse ID --data DIR`
@Command(
        name = "refuse",
        mixinStandardHelpOptions = true,
        description =
                "Refuse a request, which ends it for all its signers; they are told the reason.")
final class RequestRefuseCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Parameters(paramLabel = "ID", description = "The request's id, or its first 8 digits or more.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String id;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "One sentence for the others, at most 200 characters.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String reason;

    @Override
    public Integer call() {
        RequestEnded answer =
                control.ask(RequestCommand.TIMEOUT, node -> node.refuseRequest(id, reason));
        spec.commandLine()
                .getOut()
                .println(
                        control.json
                                ? ControlOptions.jsonLine(answer)
                                : "request %s is refused".formatted(answer.request()));
        return ExitCodes.OK;
    }
}
