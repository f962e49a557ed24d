package org.tutti.app.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;

/// How log lines are written where no node says otherwise: to standard error. Found by Logback as a
/// service.
public final class StandardErrorLogging extends ContextAwareBase implements Configurator {
    @Override
    public ExecutionStatus configure(LoggerContext context) {
        LogLines lines = new LogLines(context, LogLines.DEFAULT_PATTERN);
        EventAppender.install(context, event -> System.err.println(lines.line(event)));
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.INFO);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
