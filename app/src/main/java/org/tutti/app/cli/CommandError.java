package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonOmitted;
import org.tutti.node.json.JsonRecords;

import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;

/// How a command that failed says so: one line for people on standard error, and with `--json` one
/// object more on standard output, as its last line.
///
/// @param code for programs; docs/operating.md lists them all
/// @param message one line
/// @param next what to do now, where that can be said
record CommandError(String code, String message, Optional<String> next, int exitCode) {
    static final String JSON = "--json";

    /// What helps in most cases, by code. What depends on the case stands in the message.
    private static final Map<String, String> NEXT =
            Map.ofEntries(
                    Map.entry("NOT_RUNNING", "./tutti node --config FILE"),
                    Map.entry("NOT_AGREED", "./tutti status --data DIR"),
                    Map.entry("NOT_CONNECTED", "./tutti status --data DIR"),
                    Map.entry("UNKNOWN_OUTCOME", "./tutti payments --data DIR"),
                    Map.entry("EQUAL_PAYMENT", "./tutti payments --data DIR"),
                    Map.entry("KEY_IN_USE", "./tutti payments --data DIR"),
                    Map.entry("CONFLICTED", "./tutti payments --data DIR"),
                    Map.entry("NO_SUCH_PAYMENT", "./tutti payments --data DIR"),
                    Map.entry("NO_SUCH_SESSION", "./tutti payments --data DIR"),
                    Map.entry("NO_SUCH_REQUEST", "./tutti request list --data DIR"),
                    Map.entry("NOT_WAITING", "./tutti request list --data DIR"),
                    Map.entry("INSUFFICIENT_FUNDS", "./tutti status --data DIR"),
                    Map.entry("COIN_NOT_SPENDABLE", "./tutti status --data DIR"),
                    Map.entry("NO_SUCH_MEMBER", "./tutti status --data DIR"),
                    Map.entry("NOT_ASKED_FOR", "./tutti status --data DIR"));

    /// The last JSON line of a command that failed.
    private record Line(
            boolean ok, String code, String message, @JsonOmitted Optional<String> next) {}

    static CommandError of(String code, String message, int exitCode) {
        return new CommandError(code, message, Optional.ofNullable(NEXT.get(code)), exitCode);
    }

    /// @return the exit code
    int print(PrintWriter out, PrintWriter err, boolean json) {
        if (json) {
            out.println(JsonLine.write(JsonRecords.fields(new Line(false, code, oneLine(), next))));
            out.flush();
        }
        err.println("tutti: " + oneLine());
        if (exitCode == ExitCodes.USAGE) {
            next.ifPresent(hint -> err.println("tutti: " + hint));
        }
        return exitCode;
    }

    private String oneLine() {
        return message.replaceAll("\\s*\\R\\s*", " ");
    }
}
