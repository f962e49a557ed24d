package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.NodeApi;
import org.tutti.node.api.Sessions;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.util.concurrent.Callable;

/// `./tutti session list --data DIR`
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List the sessions that run, and those that have ended lately, newest first.")
final class SessionListCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Sessions answer = control.ask(RequestCommand.TIMEOUT, NodeApi::sessions);
        PrintWriter out = spec.commandLine().getOut();
        if (control.json) {
            out.println(ControlOptions.jsonLine(answer));
            return ExitCodes.OK;
        }
        if (answer.sessions().isEmpty()) {
            out.println("no sessions");
        }
        answer.sessions().forEach(session -> RequestText.print(out, session));
        return ExitCodes.OK;
    }
}
