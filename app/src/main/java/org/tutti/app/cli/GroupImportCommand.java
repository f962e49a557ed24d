package org.tutti.app.cli;

import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.coordinator.group.GroupRecord;
import org.tutti.node.api.GroupInfo;
import org.tutti.node.files.IoReason;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/// `./tutti group import FILE --data DIR`
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = {
            "Take a group back that this node was in and has lost with its disk: from what any other"
                    + " member's node prints with group export --record. This node's key of the group has to"
                    + " be in DATA/keys.",
            "All of it is signed by all members, this one too: a record brings back nothing that this"
                    + " node has not agreed to. Payments need node recover afterwards, as after every lost"
                    + " journal."
        })
final class GroupImportCommand implements Callable<Integer> {
    /// Hex digits of the longest record, and some room.
    private static final int MAX_FILE = 2 * GroupRecord.MAX_BYTES + 1_024;

    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The record, in hex.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path file;

    @Override
    public Integer call() {
        String record = read();
        GroupInfo answer = control.ask(GroupCommand.TIMEOUT, node -> node.importGroup(record));
        PrintWriter out = spec.commandLine().getOut();
        if (control.json) {
            out.println(ControlOptions.jsonLine(answer));
        } else {
            GroupText.print(out, answer);
        }
        return ExitCodes.OK;
    }

    private String read() {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE + 1);
            if (bytes.length > MAX_FILE) {
                throw new CommandFailed(
                        "BAD_RECORD",
                        ExitCodes.FAILED,
                        file + ": more than " + MAX_FILE + " bytes");
            }
            return new String(bytes, StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            throw new CommandFailed(
                    "BAD_RECORD",
                    ExitCodes.ENVIRONMENT,
                    file + ": cannot be read: " + IoReason.of(e),
                    e);
        }
    }
}
