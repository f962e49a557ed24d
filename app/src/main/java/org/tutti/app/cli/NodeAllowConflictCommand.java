package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.ConflictAllowed;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.time.Duration;
import java.util.concurrent.Callable;

/// `./tutti node allow-conflict --data DIR SESSION`
@Command(
        name = "allow-conflict",
        mixinStandardHelpOptions = true,
        description =
                "Let another payment take the coins of one that may still be signed, and so make it impossible.")
final class NodeAllowConflictCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Parameters(
            paramLabel = "SESSION",
            description = "The session of the payment, as status has it.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String session;

    @Override
    public Integer call() {
        ConflictAllowed answer =
                control.ask(Duration.ofSeconds(10), node -> node.allowConflict(session));
        spec.commandLine()
                .getOut()
                .println(
                        control.json
                                ? ControlOptions.jsonLine(answer)
                                : "another payment may now take the coins of session "
                                        + answer.session());
        return ExitCodes.OK;
    }
}
