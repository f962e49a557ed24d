package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.RequestInfo;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.util.concurrent.Callable;

/// `./tutti session round ID 1 --data DIR`
@Command(
        name = "round",
        mixinStandardHelpOptions = true,
        description =
                "Start a round of a request's session that waits for it (step-needed), where the"
                        + " configuration says step_by_step.")
final class SessionRoundCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "ID",
            description = "The request's id, or its first 8 digits or more.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String id;

    @Parameters(
            index = "1",
            paramLabel = "ROUND",
            description = "1: send public nonces; 2: send partial signatures.")
    private int round;

    @Override
    public Integer call() {
        RequestInfo answer =
                control.ask(RequestCommand.TIMEOUT, node -> node.startRound(id, round));
        PrintWriter out = spec.commandLine().getOut();
        if (control.json) {
            out.println(ControlOptions.jsonLine(answer));
        } else {
            RequestText.print(out, answer);
        }
        return ExitCodes.OK;
    }
}
