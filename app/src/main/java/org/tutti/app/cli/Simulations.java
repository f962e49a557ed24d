package org.tutti.app.cli;

import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What the commands that simulate networks check of their options.
final class Simulations {
    private Simulations() {}

    static void requireBetween(CommandSpec spec, String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw new ParameterException(
                    spec.commandLine(), "%s: %d to %d, not %d".formatted(option, min, max, value));
        }
    }

    /// Before hours of work whose report could not be written.
    static void requireFolder(Path folder) {
        if (given(folder).filter(f -> !Files.isDirectory(f) || !Files.isWritable(f)).isPresent()) {
            throw new CommandFailed(
                    "NO_FOLDER",
                    ExitCodes.ENVIRONMENT,
                    "--report: " + folder + ": not a folder that can be written to");
        }
    }

    static Optional<Path> given(Path folder) {
        return folder.toString().isEmpty() ? Optional.empty() : Optional.of(folder);
    }
}
