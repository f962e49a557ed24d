package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.GroupInfo;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.util.concurrent.Callable;

/// `./tutti group refuse ID --data DIR`
@Command(
        name = "refuse",
        mixinStandardHelpOptions = true,
        description =
                "Refuse to become a member, also after consent, or take a proposal of this node's back:"
                        + " ends it for all, who are told the reason. Not once this node holds all"
                        + " signatures.")
final class GroupRefuseCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Parameters(
            paramLabel = "ID",
            description = "The proposal's or the descriptor's id, or its first 8 digits or more.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String id;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "One sentence for the others, at most 200 characters.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String reason;

    @Override
    public Integer call() {
        GroupInfo answer = control.ask(GroupCommand.TIMEOUT, node -> node.refuseGroup(id, reason));
        PrintWriter out = spec.commandLine().getOut();
        if (control.json) {
            out.println(ControlOptions.jsonLine(answer));
        } else {
            GroupText.print(out, answer);
        }
        return ExitCodes.OK;
    }
}
