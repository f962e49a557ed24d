package org.tutti.app.cli;

import org.tutti.app.demo.ClassArchiveTraining;
import org.tutti.app.demo.DemoFailed;
import org.tutti.app.demo.Folders;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.files.IoReason;
import org.tutti.node.files.TemporaryFolder;

import picocli.CommandLine.Command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/// `./tutti train-class-archive`: the script runs it after a build to record which classes nodes
/// load.
@Command(
        name = "train-class-archive",
        hidden = true,
        mixinStandardHelpOptions = true,
        description =
                "Make a whole payment with two nodes in this process, to record which classes nodes load.")
final class TrainClassArchiveCommand implements Callable<Integer> {
    @Override
    public Integer call() throws InterruptedException {
        try {
            Path folder = Files.createTempDirectory("tutti-");
            try {
                new ClassArchiveTraining(folder).run();
            } finally {
                Folders.delete(folder);
            }
            return ExitCodes.OK;
        } catch (IOException e) {
            throw new CommandFailed(
                    "TRAINING_FAILED",
                    ExitCodes.ENVIRONMENT,
                    TemporaryFolder.words(TemporaryFolder.ofThisProcess(), IoReason.of(e)),
                    e);
        } catch (DemoFailed e) {
            throw new CommandFailed(e.code(), ExitCodes.FAILED, e.reason(), e);
        }
    }
}
