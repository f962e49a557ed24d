package org.tutti.node.events;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.LongFunction;

/// Prints lines in their order. A terminal or a pipe that nobody reads stops nothing: what waits is
/// bounded, and beyond that lines are dropped, counted, and the count is printed when there is room
/// again.
///
/// Threads: any may call; one of its own writes. The lock guards the queue, and nothing blocks
/// under it but the wait for room or for lines.
public final class LinePrinter implements AutoCloseable {
    /// Most characters that wait.
    static final int MAX_CHARS = 4 << 20;

    /// What a line takes in memory beside its characters.
    private static final int OVERHEAD = 64;

    /// How long closing waits for a reader.
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);

    private final PrintStream out;
    private final LongFunction<String> notice;
    private final Thread writer;
    private final ArrayDeque<String> lines = new ArrayDeque<>();
    private long waiting;
    private long dropped;
    private boolean closed;

    private LinePrinter(PrintStream out, LongFunction<String> notice) {
        this.out = out;
        this.notice = notice;
        // A platform thread: it may block for ever in a write, and must not keep the process alive.
        this.writer = Thread.ofPlatform().name("events").daemon(true).unstarted(this::write);
    }

    /// @param out closed by nobody
    /// @param notice the line that says how many were dropped
    public static LinePrinter start(PrintStream out, LongFunction<String> notice) {
        LinePrinter printer = new LinePrinter(out, notice);
        printer.writer.start();
        return printer;
    }

    /// @param line without its end
    public void print(String line) {
        synchronized (lines) {
            if (dropped > 0) {
                String told = notice.apply(dropped);
                if (waiting + size(told) + size(line) > MAX_CHARS) {
                    dropped++;
                    return;
                }
                dropped = 0;
                add(told);
            }
            if (waiting + size(line) > MAX_CHARS) {
                dropped++;
            } else {
                add(line);
            }
        }
    }

    private static int size(String line) {
        return line.length() + OVERHEAD;
    }

    private void add(String line) {
        lines.add(line);
        waiting += size(line);
        lines.notifyAll();
    }

    private void write() {
        while (true) {
            String line;
            synchronized (lines) {
                while (lines.isEmpty() && !closed) {
                    try {
                        lines.wait();
                    } catch (InterruptedException e) {
                        return;
                    }
                }
                if (lines.isEmpty()) {
                    return;
                }
                line = lines.getFirst();
            }
            out.println(line);
            out.flush();
            synchronized (lines) {
                // Only now: what is being written waits too.
                lines.removeFirst();
                waiting -= size(line);
            }
        }
    }

    /// Waits until everything is written, but not for long.
    @Override
    public void close() {
        synchronized (lines) {
            closed = true;
            lines.notifyAll();
        }
        try {
            writer.join(CLOSE_WAIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
