package org.tutti.app.logging;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;

import java.util.function.Consumer;

/// Hands every log event to a consumer.
final class EventAppender extends AppenderBase<ILoggingEvent> {
    private final Consumer<ILoggingEvent> consumer;

    private EventAppender(Consumer<ILoggingEvent> consumer) {
        this.consumer = consumer;
    }

    /// From now on this consumer gets all events of the context, and nobody else.
    static void install(LoggerContext context, Consumer<ILoggingEvent> consumer) {
        EventAppender appender = new EventAppender(consumer);
        appender.setContext(context);
        appender.start();
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        root.addAppender(appender);
    }

    @Override
    protected void append(ILoggingEvent event) {
        consumer.accept(event);
    }
}
