package org.tutti.app.cli;

import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;

import java.nio.file.Files;
import java.nio.file.Path;

/// What the commands that simulate networks check of their options.
final class Simulations {
    private Simulations() {}

    static void requireBetween(String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw new CommandFailed(
                    "USAGE",
                    ExitCodes.USAGE,
                    "%s: %d to %d, not %d".formatted(option, min, max, value));
        }
    }

    /// Before hours of work whose report could not be written.
    static void requireFolder(Path folder) {
        if (isGiven(folder) && !(Files.isDirectory(folder) && Files.isWritable(folder))) {
            throw new CommandFailed(
                    "NO_FOLDER",
                    ExitCodes.ENVIRONMENT,
                    "--report: " + folder + ": not a folder that can be written to");
        }
    }

    static boolean isGiven(Path folder) {
        return !folder.toString().isEmpty();
    }
}
