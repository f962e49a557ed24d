package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.AddressInfo;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `./tutti address --data DIR`
@Command(
        name = "address",
        mixinStandardHelpOptions = true,
        description =
                "Print the group's address, as the running node derives it from the members' keys. Waits"
                        + " some seconds until all members have agreed on it once, and names those who"
                        + " have not. Of a group that strangers have formed: an address that nobody has paid"
                        + " to yet.")
final class AddressCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--group",
            paramLabel = "ID-OR-NAME",
            description = {
                "The name or id of a group that strangers have formed (default: the configured group,",
                "or else the only one)."
            })
    private @Nullable String group;

    @Override
    public Integer call() {
        AddressInfo answer =
                control.ask(
                        Duration.ofSeconds(25), node -> node.address(Optional.ofNullable(group)));
        spec.commandLine()
                .getOut()
                .println(control.json ? ControlOptions.jsonLine(answer) : answer.address());
        return ExitCodes.OK;
    }
}
