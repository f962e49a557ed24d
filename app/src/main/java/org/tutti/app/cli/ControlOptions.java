package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.control.ControlClient;
import org.tutti.node.control.ControlException;
import org.tutti.node.json.JsonObject;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// What the commands to a running node have in common.
final class ControlOptions {
    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description = "The running node's data folder.")
    @SuppressWarnings("NullAway.Init") // by picocli
    Path data;

    @Option(names = "--json", description = "Print the answer as one JSON object.")
    boolean json;

    JsonObject ask(Map<String, ? extends @Nullable Object> request, Duration timeout) {
        try {
            return ControlClient.ask(data, request, timeout);
        } catch (ControlException e) {
            int exit = e.code().equals("NOT_RUNNING") ? ExitCodes.ENVIRONMENT : ExitCodes.FAILED;
            throw new CommandFailed(e.code(), exit, e.code() + ": " + e.reason(), e);
        }
    }
}
