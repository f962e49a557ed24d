package org.tutti.app.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;

import org.slf4j.LoggerFactory;
import org.tutti.node.config.NodeConfig.LogConfig;
import org.tutti.node.events.EventPlace;
import org.tutti.node.events.EventPrinter;
import org.tutti.node.events.EventSink;
import org.tutti.node.events.JsonEvents;
import org.tutti.node.events.LinePrinter;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.events.TextEvents;

import java.io.PrintStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// What a running node prints: its events, and what its libraries log. In words, both are lines of
/// one log, each with a level and the part that it is about; as JSON, events are what they are, all
/// of them, and what is logged is an event, too.
///
/// Threads: any. The log is the process's: one of these at a time.
public final class NodeLog implements EventSink, AutoCloseable {
    /// What libp2p says of connections that it refused, a node tells by its events, and counts.
    private static final Map<String, System.Logger.Level> QUIET =
            Map.of("org.tutti.libp2p", System.Logger.Level.WARNING);

    private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    private final InstantSource clock;
    private final EventSink sink;
    private final Runnable end;
    private volatile LogLines lines;
    private Set<String> levels = Set.of();

    private NodeLog(
            boolean json, UnaryOperator<String> names, PrintStream out, InstantSource clock) {
        this.clock = clock;
        this.lines = new LogLines(context, LogLines.DEFAULT_PATTERN);
        if (json) {
            EventPrinter events = EventPrinter.start(new JsonEvents(), out, clock);
            this.sink = events;
            this.end = events::close;
            append(event -> events.emit(event.getInstant(), logged(event)));
        } else {
            TextEvents words = new TextEvents(names);
            LinePrinter text =
                    LinePrinter.start(line -> {
                        out.println(line);
                        out.flush();
                    });
            this.end = text::close;
            append(event -> text.print(lines.line(event), count -> dropped(count, words)));
            this.sink = new Words(words);
        }
    }

    /// Begins to print.
    ///
    /// @param names what the member with a peer id is called
    /// @param out closed by nobody
    public static NodeLog start(
            boolean json, UnaryOperator<String> names, PrintStream out, InstantSource clock) {
        return new NodeLog(json, names, out, clock);
    }

    /// Looks at the pattern.
    ///
    /// @throws IllegalArgumentException if it is none of Logback's
    public static void check(LogConfig config) {
        config.pattern()
                .ifPresent(p -> new LogLines((LoggerContext) LoggerFactory.getILoggerFactory(), p));
    }

    /// Prints as this configuration says from now on.
    ///
    /// @throws IllegalArgumentException if its pattern is none; nothing changes then
    public synchronized void use(LogConfig config) {
        lines = new LogLines(context, config.pattern().orElse(LogLines.DEFAULT_PATTERN));
        Map<String, System.Logger.Level> wanted = new HashMap<>(QUIET);
        wanted.putAll(config.levels());
        // As their parents have it again, unless they are named again.
        levels.stream()
                .filter(name -> !wanted.containsKey(name))
                .forEach(name -> context.getLogger(name).setLevel(null));
        root().setLevel(logback(config.level()));
        wanted.forEach((name, level) -> context.getLogger(name).setLevel(logback(level)));
        levels = Set.copyOf(wanted.keySet());
    }

    private Logger root() {
        return context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    private void append(Consumer<ILoggingEvent> consumer) {
        EventAppender.install(context, consumer);
    }

    private String dropped(long count, TextEvents words) {
        return lines.line(event(clock.instant(), new NodeEvent.EventsDropped(count), words));
    }

    private static NodeEvent logged(ILoggingEvent event) {
        return new NodeEvent.Log(
                event.getLevel().toString().toLowerCase(Locale.ROOT),
                event.getLoggerName(),
                String.valueOf(event.getFormattedMessage()),
                LogLines.error(event));
    }

    private LoggingEvent event(Instant at, NodeEvent event, TextEvents words) {
        EventPlace place = EventPlace.of(event);
        LoggingEvent line = new LoggingEvent();
        line.setLoggerContext(context);
        line.setLoggerName(place.logger());
        line.setLevel(logback(place.level()));
        line.setThreadName(Thread.currentThread().getName());
        line.setMessage(words.text(event));
        line.setInstant(at);
        return line;
    }

    static Level logback(System.Logger.Level level) {
        return switch (level) {
            case ALL, TRACE -> Level.TRACE;
            case DEBUG -> Level.DEBUG;
            case INFO -> Level.INFO;
            case WARNING -> Level.WARN;
            case ERROR -> Level.ERROR;
            case OFF -> Level.OFF;
        };
    }

    /// Events as lines of the log.
    private final class Words implements EventSink {
        private final TextEvents words;

        Words(TextEvents words) {
            this.words = words;
        }

        @Override
        public void emit(NodeEvent event) {
            emit(clock.instant(), event);
        }

        @Override
        public void emit(Instant at, NodeEvent event) {
            EventPlace place = EventPlace.of(event);
            Logger logger = context.getLogger(place.logger());
            if (logger.isEnabledFor(logback(place.level()))) {
                logger.callAppenders(event(at, event, words));
            }
        }
    }

    @Override
    public void emit(NodeEvent event) {
        sink.emit(event);
    }

    @Override
    public void emit(Instant at, NodeEvent event) {
        sink.emit(at, event);
    }

    /// Waits until everything is written, but not for long. What is logged later goes to standard
    /// error.
    @Override
    public synchronized void close() {
        levels.forEach(name -> context.getLogger(name).setLevel(null));
        new StandardErrorLogging().configure(context);
        end.run();
    }
}
