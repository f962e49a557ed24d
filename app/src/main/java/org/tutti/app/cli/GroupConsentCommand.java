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

/// `./tutti group consent ID --data DIR`
@Command(
        name = "consent",
        mixinStandardHelpOptions = true,
        description = {
            "Become a member of a proposed group, with a fresh key. The group is there when all have"
                    + " consented and hold the signatures of all.",
            "Any member can freeze the group's money, by not signing."
        })
final class GroupConsentCommand implements Callable<Integer> {
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
            names = "--policy",
            paramLabel = "TEXT",
            defaultValue = "",
            description =
                    "By which rules this node will sign, in words for the others: what decides is"
                            + " [policy] in its configuration. Without any it signs nothing.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String policy;

    @Override
    public Integer call() {
        GroupInfo answer =
                control.ask(GroupCommand.TIMEOUT, node -> node.consentToGroup(id, policy));
        PrintWriter out = spec.commandLine().getOut();
        if (control.json) {
            out.println(ControlOptions.jsonLine(answer));
        } else {
            GroupText.print(out, answer);
        }
        return ExitCodes.OK;
    }
}
