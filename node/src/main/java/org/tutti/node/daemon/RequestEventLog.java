package org.tutti.node.daemon;

import org.tutti.node.api.SessionEvents;
import org.tutti.node.events.JsonEvents;
import org.tutti.node.events.NodeEvent;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// The latest events of requests, as lines with numbers, for whoever watches.
///
/// Threads: one adds; any number wait for more under the lock, which is held by nobody else for
/// long.
final class RequestEventLog {
    /// Most lines that are kept.
    static final int MAX_LINES = 1_000;

    /// Most of them that are given at once.
    static final int MAX_AT_ONCE = 200;

    private record Line(long number, String request, String text) {}

    private final JsonEvents format = new JsonEvents();
    private final Deque<Line> lines = new ArrayDeque<>();
    private long last;

    /// @param request that it is about
    void add(Instant at, NodeEvent event, String request) {
        String text = format.line(at, event);
        synchronized (this) {
            last++;
            lines.addLast(new Line(last, request, text));
            if (lines.size() > MAX_LINES) {
                lines.removeFirst();
            }
            notifyAll();
        }
    }

    /// What came after this number, or from now on.
    ///
    /// @param request of this one alone
    /// @param wait how long, if there is nothing
    synchronized SessionEvents after(Optional<Long> number, Optional<String> request, Duration wait)
            throws InterruptedException {
        long from = Math.min(number.orElse(last), last);
        long deadline = System.nanoTime() + wait.toNanos();
        while (true) {
            List<String> found = new ArrayList<>();
            long next = last;
            for (Line line : lines) {
                if (line.number() > from
                        && request.filter(only -> !line.request().equals(only)).isEmpty()) {
                    found.add(line.text());
                    if (found.size() == MAX_AT_ONCE) {
                        next = line.number();
                        break;
                    }
                }
            }
            long left = deadline - System.nanoTime();
            if (!found.isEmpty() || left <= 0) {
                long oldest = lines.isEmpty() ? last + 1 : lines.getFirst().number();
                return new SessionEvents(next, Math.max(0, oldest - from - 1), found);
            }
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
    }
}
