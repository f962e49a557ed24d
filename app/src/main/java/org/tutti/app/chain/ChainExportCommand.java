package org.tutti.app.chain;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.node.files.IoReason;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.zip.GZIPOutputStream;

/// `./tutti chain export FILE`
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description =
                "Write the headers of the best chain to a new file, 80 bytes each, packed if its name"
                        + " ends in .gz.")
final class ChainExportCommand implements Callable<Integer> {
    @Mixin private final ChainOptions options = new ChainOptions();

    @Mixin private final ChainCommand.Range range = new ChainCommand.Range();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The file to make.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path file;

    @Override
    public Integer call() {
        options.print(spec.commandLine().getOut(), options.withChain(this::export));
        return ExitCodes.OK;
    }

    private Map<String, @Nullable Object> export(HeaderChain chain) {
        int from = range.from == null ? chain.startHeight() : range.from;
        int to = range.to == null ? chain.tip().height() : range.to;
        if (from < chain.startHeight() || to > chain.tip().height() || from > to) {
            throw ChainOptions.usage(
                    "the chain has heights %d to %d"
                            .formatted(chain.startHeight(), chain.tip().height()));
        }
        try (OutputStream out = open()) {
            for (int height = from; height <= to; height++) {
                out.write(chain.at(height).header().serialize().toArray());
            }
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailed(
                    "FILE_EXISTS", ExitCodes.ENVIRONMENT, file + " exists already", e);
        } catch (IOException e) {
            throw new CommandFailed(
                    "FILE_IO",
                    ExitCodes.ENVIRONMENT,
                    file + ": cannot be written: " + IoReason.of(e),
                    e);
        }
        Map<String, @Nullable Object> answer = ChainOptions.answer(true, chain);
        answer.put("exported", (long) to - from + 1);
        answer.put("from", (long) from);
        answer.put("to", (long) to);
        return answer;
    }

    private OutputStream open() throws IOException {
        OutputStream out =
                new BufferedOutputStream(
                        Files.newOutputStream(file, StandardOpenOption.CREATE_NEW));
        return file.toString().endsWith(".gz") ? new GZIPOutputStream(out) : out;
    }
}
