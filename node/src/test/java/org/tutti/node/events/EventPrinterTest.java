package org.tutti.node.events;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;

@Timeout(60)
class EventPrinterTest {
    private static final EventFormat FORMAT =
            (at, event) ->
                    switch (event) {
                        case NodeEvent.Tip tip -> tip.height() + " " + tip.blockHash();
                        case NodeEvent.EventsDropped dropped -> "dropped " + dropped.count();
                        default -> "other";
                    };

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    /// Blocks in its first write until it is read.
    private final class Unread extends OutputStream {
        final CountDownLatch writing = new CountDownLatch(1);
        final CountDownLatch read = new CountDownLatch(1);

        @Override
        public void write(int b) {
            writing.countDown();
            try {
                read.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            printed.write(b);
        }
    }

    private List<String> lines() {
        return printed.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void whatWasToldIsPrintedInItsOrderBeforeTheEnd() {
        try (EventPrinter events =
                EventPrinter.start(FORMAT, new PrintStream(printed), () -> Instant.EPOCH)) {
            for (int i = 0; i < 1_000; i++) {
                events.emit(new NodeEvent.Tip(i, "aa"));
            }
        }
        assertThat(lines()).hasSize(1_000).startsWith("0 aa", "1 aa").endsWith("999 aa");
    }

    @Test
    void aPipeThatNobodyReadsStopsNothingAndWhatIsDroppedIsCounted() throws Exception {
        Unread unread = new Unread();
        String big = "x".repeat(LinePrinter.MAX_CHARS / 4);
        try (EventPrinter events =
                EventPrinter.start(FORMAT, new PrintStream(unread), () -> Instant.EPOCH)) {
            events.emit(new NodeEvent.Tip(0, "first"));
            unread.writing.await();
            for (int i = 1; i <= 9; i++) {
                events.emit(new NodeEvent.Tip(i, big));
            }
            unread.read.countDown();
            // Until there is room again, what comes is dropped too.
            while (!lines().contains("3 " + big)) {
                Thread.onSpinWait();
            }
            events.emit(new NodeEvent.Tip(10, "last"));
        }
        assertThat(lines()).startsWith("0 first", "1 " + big, "2 " + big, "3 " + big);
        assertThat(lines()).endsWith("dropped 6", "10 last").hasSize(6);
    }
}
