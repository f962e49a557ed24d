package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.NodeApi;
import org.tutti.node.api.Requests;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.util.concurrent.Callable;

/// `./tutti request list --data DIR`
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List the requests that are not over, newest first.")
final class RequestListCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Requests answer = control.ask(RequestCommand.TIMEOUT, NodeApi::requests);
        PrintWriter out = spec.commandLine().getOut();
        if (control.json) {
            out.println(ControlOptions.jsonLine(answer));
            return ExitCodes.OK;
        }
        if (answer.requests().isEmpty()) {
            out.println("no requests");
        }
        answer.requests().forEach(request -> RequestText.printLine(out, request));
        return ExitCodes.OK;
    }
}
