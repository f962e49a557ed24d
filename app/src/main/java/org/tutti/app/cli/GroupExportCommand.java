package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.GroupExport;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.util.concurrent.Callable;

/// `./tutti group export ID --data DIR`
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description =
                "Print a group's descriptor as Bitcoin Core imports it (importdescriptors), to watch"
                        + " its coins there.")
final class GroupExportCommand implements Callable<Integer> {
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
            names = "--record",
            description =
                    "Print, in place of the descriptor, what another member takes the group back"
                            + " with that it has lost (group import).")
    private boolean record;

    @Override
    public Integer call() {
        GroupExport answer = control.ask(GroupCommand.TIMEOUT, node -> node.exportGroup(id));
        PrintWriter out = spec.commandLine().getOut();
        // The text alone: it is piped into other programs.
        String text = record ? answer.record() : answer.descriptor();
        out.println(control.json ? ControlOptions.jsonLine(answer) : text);
        return ExitCodes.OK;
    }
}
