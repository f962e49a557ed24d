package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.musig.NativeLibraryException;
import org.tutti.node.files.InexactPathException;

import java.util.Optional;

/// Exceptions that say that the environment does not allow it, wherever they were thrown: not a
/// defect of Tutti's own.
final class EnvironmentFailure {
    private EnvironmentFailure() {}

    /// What to tell the user, if the surroundings are to blame.
    static Optional<CommandFailed> of(Throwable thrown) {
        for (@Nullable Throwable e = thrown; e != null; e = e.getCause()) {
            if (e instanceof NativeLibraryException library
                    && library.code() != NativeLibraryException.Code.CALL_FAILED) {
                return Optional.of(
                        new CommandFailed(
                                "NATIVE_LIBRARY",
                                ExitCodes.ENVIRONMENT,
                                library.getMessage()
                                        + " (TUTTI_JAVA_OPTS gives ./tutti such options)",
                                thrown));
            }
            if (e instanceof InexactPathException path) {
                return Optional.of(
                        new CommandFailed(
                                "INEXACT_PATH", ExitCodes.ENVIRONMENT, path.reason(), thrown));
            }
        }
        return Optional.empty();
    }
}
