package org.tutti.interop.pubsub;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One process of the mesh: takes JSON commands a line on its standard input, and prints JSON
/// events a line. A thread reads what it prints; everything else is guarded by this object's lock.
final class MeshPeer implements AutoCloseable {
    private static final long END_SECONDS = 10;

    private final String kind;
    private final Process process;
    private final BufferedWriter input;

    /// How often each message came, by its data.
    private final Map<String, Integer> received = new HashMap<>();

    private final List<String> events = new ArrayList<>();

    MeshPeer(String kind, List<String> command) throws IOException {
        this.kind = kind;
        process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        input = process.outputWriter();
        Thread.ofVirtual().name("reader of " + kind).start(this::read);
    }

    String kind() {
        return kind;
    }

    private void read() {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                take(line);
            }
        } catch (IOException e) {
            // It has ended: whoever waits for it notices.
        }
    }

    private synchronized void take(String line) {
        if (event(line).equals("message")) {
            String data = field(line, "data").orElse("");
            received.merge(data, 1, Integer::sum);
        } else {
            events.add(line);
        }
        notifyAll();
    }

    static Optional<String> field(String line, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":\\[?\"([^\"]*)\"").matcher(line);
        return found.find() ? Optional.of(found.group(1)) : Optional.empty();
    }

    private static String event(String line) {
        return field(line, "event").orElse("");
    }

    /// The last line with this event that was printed after the first `after` lines.
    synchronized String await(String event, int after, long seconds)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (true) {
            for (int i = events.size() - 1; i >= after; i--) {
                if (event(events.get(i)).equals(event)) {
                    return events.get(i);
                }
            }
            long left = end - System.nanoTime();
            if (left <= 0 || (!process.isAlive() && events.size() <= after)) {
                throw new IOException(kind + " said no " + event + ", but " + events);
            }
            TimeUnit.NANOSECONDS.timedWait(this, Math.min(left, TimeUnit.SECONDS.toNanos(1)));
        }
    }

    synchronized int lines() {
        return events.size();
    }

    synchronized Map<String, Integer> received() {
        return Map.copyOf(received);
    }

    synchronized List<String> events(String event) {
        return events.stream().filter(line -> event(line).equals(event)).toList();
    }

    void tell(String command) throws IOException {
        input.write(command);
        input.write('\n');
        input.flush();
    }

    void publish(String topic, byte[] data) throws IOException {
        tell(
                "{\"cmd\":\"publish\",\"topic\":\""
                        + topic
                        + "\",\"data\":\""
                        + Base64.getEncoder().encodeToString(data)
                        + "\"}");
    }

    /// Ends its standard input, and the process if that is not enough.
    @Override
    public void close() {
        try {
            input.close();
            if (process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (IOException e) {
            // It has ended already.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroy();
    }
}
