package org.tutti.app.cli;

import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.files.IoReason;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/// `./tutti node member --data DIR`
@Command(
        name = "member",
        mixinStandardHelpOptions = true,
        description =
                "Print the lines that the other members' configuration files need of this node, as"
                        + " node init did.")
final class NodeMemberCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description = "The data folder that node init made.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path data;

    @Override
    public Integer call() {
        spec.commandLine().getOut().print(lines(data));
        return ExitCodes.OK;
    }

    static String lines(Path data) {
        Path file = data.resolve(NodeInitCommand.MEMBER_FILE);
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new CommandFailed(
                    "UNREADABLE", ExitCodes.CONFIG, file + ": " + IoReason.of(e), e);
        }
    }
}
