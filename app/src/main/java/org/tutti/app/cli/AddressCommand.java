package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.AddressInfo;
import org.tutti.node.api.NodeApi;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.time.Duration;
import java.util.concurrent.Callable;

/// `./tutti address --data DIR`
@Command(
        name = "address",
        mixinStandardHelpOptions = true,
        description =
                "Print the group's address, as the running node derives it from the members' keys. Waits"
                        + " some seconds until all members have agreed on it once, and names those who"
                        + " have not.")
final class AddressCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        AddressInfo answer = control.ask(Duration.ofSeconds(25), NodeApi::address);
        spec.commandLine()
                .getOut()
                .println(control.json ? ControlOptions.jsonLine(answer) : answer.address());
        return ExitCodes.OK;
    }
}
