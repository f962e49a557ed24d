package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.NodeApi;
import org.tutti.node.control.ControlClient;
import org.tutti.node.control.NodeNotRunningException;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonRecords;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
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

    /// A question to the running node.
    @FunctionalInterface
    interface Question<T> {
        T ask(NodeApi node) throws ApiException;
    }

    /// @param timeout longest wait for the answer
    <T> T ask(Duration timeout, Question<T> question) {
        try {
            return question.ask(new ControlClient(data, timeout));
        } catch (NodeNotRunningException e) {
            throw failed(e, ExitCodes.ENVIRONMENT);
        } catch (ApiException e) {
            throw failed(
                    e,
                    e.code().equals(ApiException.UNKNOWN_OUTCOME)
                            ? ExitCodes.UNKNOWN
                            : ExitCodes.FAILED);
        }
    }

    private static CommandFailed failed(ApiException e, int exitCode) {
        return new CommandFailed(e.code(), exitCode, e.code() + ": " + e.reason(), e);
    }

    /// The answer as the node's control socket has it.
    static String jsonLine(Record answer) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("ok", true);
        line.putAll(JsonRecords.fields(answer));
        return JsonLine.write(line);
    }
}
