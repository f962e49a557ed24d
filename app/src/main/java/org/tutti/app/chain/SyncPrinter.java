package org.tutti.app.chain;

import org.jspecify.annotations.Nullable;
import org.tutti.app.output.Terminal;
import org.tutti.lightclient.sync.SyncStatus;
import org.tutti.node.json.JsonLine;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Shows how far a sync is: one JSON object per event, or a bar on a terminal, or one line a
/// second.
final class SyncPrinter {
    /// How it shows.
    enum Form {
        JSON,
        TERMINAL,
        LINES
    }

    private static final int BAR = 24;
    private static final long SECONDS_PER_BLOCK = 600;

    private final PrintWriter out;
    private final Form form;
    private List<SyncStatus.Obstacle.Code> told = List.of();

    /// Characters of the bar that stands on the terminal's last line.
    private int barLength;

    SyncPrinter(PrintWriter out, Form form) {
        this.out = out;
        this.form = form;
    }

    void status(SyncStatus status) {
        obstacles(status, status.obstacles());
        if (form == Form.JSON) {
            Map<String, @Nullable Object> event = new LinkedHashMap<>();
            event.put("event", "progress");
            event.put("phase", status.phase().name().toLowerCase(Locale.ROOT));
            event.put("height", (long) status.height());
            event.put("headersPerSecond", Math.round(status.progress().headersPerSecond()));
            event.put("connected", (long) status.connected());
            event.put("agreeing", (long) status.agreeing());
            event.put("bytes", status.progress().bytes());
            status.progress().left().ifPresent(left -> event.put("secondsLeft", left.toSeconds()));
            line(JsonLine.write(event));
            return;
        }
        String text = text(status);
        if (form == Form.TERMINAL) {
            if (out instanceof Terminal terminal) {
                terminal.redraw(text, barLength);
            }
            barLength = text.length();
        } else {
            line(text);
        }
    }

    /// How far, how fast, whose help, how much, how long.
    static String text(SyncStatus status) {
        long missing = missing(status);
        double share = status.height() / (double) Math.max(1, status.height() + missing);
        int full = (int) (share * BAR);
        return String.format(
                Locale.ROOT,
                "[%s%s] %3.0f%% %,d headers, %,.0f/s, %d peers, %,.1f MB%s",
                "#".repeat(full),
                " ".repeat(BAR - full),
                100 * share,
                status.height(),
                status.progress().headersPerSecond(),
                status.connected(),
                status.progress().bytes() / 1e6,
                status.progress().left().map(SyncPrinter::left).orElse(""));
    }

    private static String left(Duration left) {
        return left.isZero()
                ? ""
                : left.compareTo(Duration.ofHours(100)) > 0
                        ? ", days left"
                        : String.format(
                                Locale.ROOT,
                                ", %d:%02d:%02d left",
                                left.toHours(),
                                left.toMinutesPart(),
                                left.toSecondsPart());
    }

    /// How many blocks were found since the tip, by the clock.
    private static long missing(SyncStatus status) {
        return status.phase() == SyncStatus.Phase.FOLLOWING
                ? 0
                : Math.max(0, status.tipAge().toSeconds() / SECONDS_PER_BLOCK);
    }

    private void obstacles(SyncStatus status, List<SyncStatus.Obstacle> obstacles) {
        List<SyncStatus.Obstacle.Code> codes =
                obstacles.stream().map(SyncStatus.Obstacle::code).toList();
        for (SyncStatus.Obstacle obstacle : obstacles) {
            if (!told.contains(obstacle.code())) {
                if (form == Form.JSON) {
                    Map<String, @Nullable Object> event = new LinkedHashMap<>();
                    event.put("event", "obstacle");
                    event.put("height", (long) status.height());
                    event.put("code", obstacle.code().name());
                    event.put("message", obstacle.detail());
                    line(JsonLine.write(event));
                } else {
                    line(obstacle.detail());
                }
            }
        }
        told = codes;
    }

    void peer(String name, boolean connected, String detail) {
        if (form == Form.JSON) {
            Map<String, @Nullable Object> event = new LinkedHashMap<>();
            event.put("event", connected ? "peer-connected" : "peer-lost");
            event.put("peer", name);
            event.put(connected ? "userAgent" : "reason", detail);
            line(JsonLine.write(event));
        } else {
            line("peer %s %s: %s".formatted(name, connected ? "connected" : "lost", detail));
        }
    }

    /// Leaves the bar where it is, as it is at the end.
    void end(SyncStatus status) {
        if (form == Form.TERMINAL) {
            status(status);
            out.println();
            out.flush();
            barLength = 0;
        }
    }

    private void line(String text) {
        if (barLength > 0) {
            if (out instanceof Terminal terminal) {
                terminal.clear(barLength);
            }
            barLength = 0;
        }
        out.println(text);
        out.flush();
    }

    static List<Map<String, @Nullable Object>> obstacles(SyncStatus status) {
        return status.obstacles().stream()
                .map(obstacle -> {
                    Map<String, @Nullable Object> line = new LinkedHashMap<>();
                    line.put("code", obstacle.code().name());
                    line.put("message", obstacle.detail());
                    return line;
                })
                .toList();
    }

    static Map<String, @Nullable Object> peer(SyncStatus.PeerInfo peer) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("peer", peer.name());
        line.put("state", peer.state().name().toLowerCase(Locale.ROOT));
        line.put("userAgent", peer.userAgent());
        line.put("height", (long) peer.height());
        line.put("agrees", peer.agrees());
        line.put("penalty", (long) peer.penalty());
        peer.last().ifPresent(last -> line.put("last", last));
        return line;
    }
}
