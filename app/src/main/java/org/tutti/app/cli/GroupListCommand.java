package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.Groups;
import org.tutti.node.api.NodeApi;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.util.concurrent.Callable;

/// `./tutti group list --data DIR`
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List the groups and proposals that this node knows, newest first.")
final class GroupListCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Groups answer = control.ask(GroupCommand.TIMEOUT, NodeApi::groups);
        PrintWriter out = spec.commandLine().getOut();
        if (control.json) {
            out.println(ControlOptions.jsonLine(answer));
            return ExitCodes.OK;
        }
        if (answer.groups().isEmpty()) {
            out.println("no groups");
        }
        answer.groups().forEach(group -> GroupText.printLine(out, group));
        return ExitCodes.OK;
    }
}
