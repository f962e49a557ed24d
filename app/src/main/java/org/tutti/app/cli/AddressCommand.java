package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.json.JsonObject;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;

/// `./tutti address --data DIR`
@Command(
        name = "address",
        mixinStandardHelpOptions = true,
        description = "Print the group's address, as the running node derives it.")
final class AddressCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        JsonObject answer = control.ask(Map.of("op", "address"), Duration.ofSeconds(10));
        spec.commandLine()
                .getOut()
                .println(control.json ? answer.line() : answer.text("address").orElse(""));
        return ExitCodes.OK;
    }
}
