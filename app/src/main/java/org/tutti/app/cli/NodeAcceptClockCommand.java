package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.ClockAccepted;
import org.tutti.node.api.NodeApi;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.time.Duration;
import java.util.concurrent.Callable;

/// `./tutti node accept-clock --data DIR`
@Command(
        name = "accept-clock",
        mixinStandardHelpOptions = true,
        description =
                "Tell the running node that its wall clock is right, after it was set: spending limits expire with time again.")
final class NodeAcceptClockCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        ClockAccepted answer = control.ask(Duration.ofSeconds(10), NodeApi::acceptClock);
        spec.commandLine()
                .getOut()
                .println(
                        control.json
                                ? ControlOptions.jsonLine(answer)
                                : "the clock is accepted, it is " + answer.time());
        return ExitCodes.OK;
    }
}
