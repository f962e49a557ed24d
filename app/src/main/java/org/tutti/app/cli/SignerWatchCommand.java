package org.tutti.app.cli;

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
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `./tutti signer watch --data DIR`
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        description = "Print what happens to adverts, an event a line, until Ctrl-C.")
final class SignerWatchCommand implements Callable<Integer> {
    private static final Duration TIMEOUT =
            Duration.ofMillis(SessionWatch.MAX_WAIT_MILLIS).plus(SignerCommand.TIMEOUT);

    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--from-start",
            description = "Print first what has happened already, as far as the node keeps it.")
    private boolean fromStart;

    @Option(
            names = "--count",
            paramLabel = "COUNT",
            description = "End after so many events (default: never).")
    private long count;

    @Override
    public Integer call() {
        TextEvents text = new TextEvents(peer -> peer);
        PrintWriter out = spec.commandLine().getOut();
        Optional<Long> after = fromStart ? Optional.of(0L) : Optional.empty();
        for (long printed = 0; ; ) {
            SessionWatch watch =
                    new SessionWatch(after, Optional.empty(), SessionWatch.MAX_WAIT_MILLIS);
            SessionEvents events = control.ask(TIMEOUT, node -> node.signerEvents(watch));
            after = Optional.of(events.next());
            for (String line : events.lines()) {
                out.println(control.json ? line : read(line).map(text::text).orElse(line));
                out.flush();
                printed++;
                if (printed == count) {
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
