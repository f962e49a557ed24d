package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.RequestEnded;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/// `./tutti request release ID --data DIR`
@Command(
        name = "release",
        mixinStandardHelpOptions = true,
        description = {
            "Wait no longer for what this node has signed, or may have: for coins that never come to"
                    + " exist, nothing else ends that.",
            "%nWhoever has the signatures can still use them, at any later time: only where that is"
                    + " no harm, because you would sign it again."
        })
final class RequestReleaseCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Parameters(paramLabel = "ID", description = "The request's id, or its first 8 digits or more.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String id;

    @Override
    public Integer call() {
        RequestEnded answer = control.ask(RequestCommand.TIMEOUT, node -> node.releaseRequest(id));
        spec.commandLine()
                .getOut()
                .println(
                        control.json
                                ? ControlOptions.jsonLine(answer)
                                : "request %s holds nothing any more".formatted(answer.request()));
        return ExitCodes.OK;
    }
}
