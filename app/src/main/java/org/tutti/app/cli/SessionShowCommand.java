package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.SessionInfo;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.util.concurrent.Callable;

/// `./tutti session show ID --data DIR`
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        description = "Show a session: its phase, and whom it waits for since when.")
final class SessionShowCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Parameters(
            paramLabel = "ID",
            description = "The session's id or its request's, or the first 8 digits or more.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String id;

    @Override
    public Integer call() {
        SessionInfo answer = control.ask(RequestCommand.TIMEOUT, node -> node.session(id));
        PrintWriter out = spec.commandLine().getOut();
        if (control.json) {
            out.println(ControlOptions.jsonLine(answer));
        } else {
            RequestText.print(out, answer);
        }
        return ExitCodes.OK;
    }
}
