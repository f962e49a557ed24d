package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.base.Bytes;
import org.tutti.node.files.IoReason;
import org.tutti.node.json.JsonLine;
import org.tutti.signing.blame.Evidence;
import org.tutti.signing.blame.Verdict;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;

/// Checks one evidence file offline; nothing but the file is needed.
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Check an evidence file offline: every signature in it, and the misbehaviour that it shows.",
            "Exit code 0 if it proves a signer's misbehaviour, 1 if it proves nothing."
        })
final class EvidenceVerifyCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "A file from a node's folder evidence/.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path file;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        Verdict verdict = Evidence.verify(Bytes.wrap(read()));
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        String text;
        int exit;
        switch (verdict) {
            case Verdict.Guilty guilty -> {
                line.put("ok", true);
                line.put("peerId", guilty.peerId().toString());
                line.put("signingKey", guilty.signingKey().toHex());
                line.put("session", guilty.session().toHex());
                line.put("kind", guilty.kind().name());
                line.put("what", guilty.what());
                text =
                        "guilty: %s, signing key %s: %s"
                                .formatted(
                                        guilty.peerId(),
                                        guilty.signingKey().toHex(),
                                        guilty.what());
                exit = ExitCodes.OK;
            }
            case Verdict.NotProven notProven -> {
                line.put("ok", false);
                line.put("reason", notProven.reason());
                text = "proves nothing: " + notProven.reason();
                exit = ExitCodes.FAILED;
            }
        }
        spec.commandLine().getOut().println(json ? JsonLine.write(line) : text);
        return exit;
    }

    private byte[] read() {
        try {
            if (Files.size(file) > Evidence.MAX_BYTES) {
                throw new CommandFailed(
                        "TOO_LONG",
                        ExitCodes.FAILED,
                        file
                                + ": more than "
                                + Evidence.MAX_BYTES
                                + " bytes, not an evidence file");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new CommandFailed(
                    "NO_SUCH_FILE", ExitCodes.ENVIRONMENT, file + ": no such file", e);
        } catch (IOException e) {
            throw new CommandFailed(
                    "UNREADABLE",
                    ExitCodes.ENVIRONMENT,
                    file + ": cannot be read: " + IoReason.of(e),
                    e);
        }
    }
}
