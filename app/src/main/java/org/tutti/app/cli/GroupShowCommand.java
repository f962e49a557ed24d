package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.GroupInfo;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.util.concurrent.Callable;

/// `./tutti group show ID --data DIR`
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        description = "Show a group, or a proposal of one, and how far each member is.")
final class GroupShowCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Parameters(
            paramLabel = "ID",
            description = "The proposal's or the descriptor's id, or its first 8 digits or more.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String id;

    @Override
    public Integer call() {
        GroupInfo answer = control.ask(GroupCommand.TIMEOUT, node -> node.group(id));
        PrintWriter out = spec.commandLine().getOut();
        if (control.json) {
            out.println(ControlOptions.jsonLine(answer));
        } else {
            GroupText.print(out, answer);
        }
        return ExitCodes.OK;
    }
}
