package org.tutti.app.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;

import org.tutti.base.PlainText;

import java.util.Optional;
import java.util.stream.Collectors;

/// Log events as lines of a pattern. Whatever a line holds, it acts on no terminal and is one line;
/// where an error came from follows in lines that are indented.
final class LogLines {
    /// Date, time, zone, level, part, message.
    static final String DEFAULT_PATTERN =
            "%date{yyyy-MM-dd HH:mm:ss.SSSXXX} %-5level %logger - %message";

    /// Most characters of where an error came from.
    private static final int MAX_ERROR = 16_384;

    /// What Logback writes for a word of a pattern that it does not know.
    private static final String UNKNOWN_WORD = "%PARSER_ERROR";

    private final PatternLayout layout = new PatternLayout();

    /// @param pattern as Logback has it; where an error came from is added
    /// @throws IllegalArgumentException if it is none
    LogLines(LoggerContext context, String pattern) {
        layout.setContext(context);
        layout.setPattern(pattern);
        // It would add where an error came from.
        layout.setPostCompileProcessor(null);
        layout.start();
        if (!layout.isStarted() || line(example(context)).contains(UNKNOWN_WORD)) {
            throw new IllegalArgumentException("not a pattern of Logback");
        }
    }

    private static ILoggingEvent example(LoggerContext context) {
        Logger logger = context.getLogger(Logger.ROOT_LOGGER_NAME);
        return new LoggingEvent("", logger, Level.INFO, "", null, null);
    }

    /// @return without its end
    String line(ILoggingEvent event) {
        String line = PlainText.escape(layout.doLayout(event).stripTrailing());
        return error(event)
                .map(error ->
                        error.lines()
                                .map(l -> "    " + PlainText.escape(l.replace('\t', ' ')))
                                .collect(Collectors.joining("\n", line + "\n", "")))
                .orElse(line);
    }

    /// Where the error of an event came from, with line feeds.
    static Optional<String> error(ILoggingEvent event) {
        if (event.getThrowableProxy() == null) {
            return Optional.empty();
        }
        String text = ThrowableProxyUtil.asString(event.getThrowableProxy());
        return Optional.of(text.length() <= MAX_ERROR ? text : text.substring(0, MAX_ERROR) + "…");
    }
}
