package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.SessionEvents;
import org.tutti.node.api.SessionWatch;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.events.TextEvents;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonLineException;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `./tutti session watch [ID] --data DIR`
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        description =
                "Print what happens to requests and their sessions, an event a line, until Ctrl-C; with ID"
                        + " until that request is over.")
final class SessionWatchCommand implements Callable<Integer> {
    private static final Duration TIMEOUT =
            Duration.ofMillis(SessionWatch.MAX_WAIT_MILLIS).plus(RequestCommand.TIMEOUT);

    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "ID",
            description = "A request or a session, or the first 8 digits or more of one.")
    private @Nullable String id;

    @Option(
            names = "--from-start",
            description = "Print first what has happened already, as far as the node keeps it.")
    private boolean fromStart;

    @Override
    public Integer call() {
        TextEvents text = new TextEvents(peer -> peer);
        PrintWriter out = spec.commandLine().getOut();
        Optional<Long> after = fromStart ? Optional.of(0L) : Optional.empty();
        while (true) {
            SessionWatch watch =
                    new SessionWatch(after, Optional.ofNullable(id), SessionWatch.MAX_WAIT_MILLIS);
            SessionEvents events = control.ask(TIMEOUT, node -> node.sessionEvents(watch));
            if (events.missed() > 0 && !fromStart) {
                // Not an event of the node's: what it says of its own lines.
                spec.commandLine()
                        .getErr()
                        .println(events.missed() + " events were too long ago to be kept");
            }
            after = Optional.of(events.next());
            for (String line : events.lines()) {
                Optional<NodeEvent> event = read(line);
                out.println(control.json ? line : event.map(text::text).orElse(line));
                out.flush();
                if (id != null
                        && event.filter(NodeEvent.SessionClosed.class::isInstance).isPresent()) {
                    return ExitCodes.OK;
                }
            }
        }
    }

    private static Optional<NodeEvent> read(String line) {
        try {
            return NodeEvent.read(JsonLine.parse(line));
        } catch (JsonLineException e) {
            return Optional.empty();
        }
    }
}
