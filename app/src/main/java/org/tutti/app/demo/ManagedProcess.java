package org.tutti.app.demo;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonLineException;
import org.tutti.node.json.JsonObject;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// A process that the driver started, and the JSON events it prints.
///
/// Threads: one virtual thread reads the process's output; the lock guards `events` and `ended`,
/// and waiting callers are woken for each event. `listener` is called by the reading thread,
/// outside the lock. The process's standard input stays open as long as the driver lives: that is
/// how the process notices that the driver was killed.
final class ManagedProcess implements AutoCloseable {
    /// Most events kept of one process; a demo makes some hundreds.
    static final int MAX_EVENTS = 100_000;

    private final String name;
    private final Process process;
    private final Path errors;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<JsonObject> events = new ArrayList<>();
    private boolean ended;

    private ManagedProcess(String name, Process process, Path errors) {
        this.name = name;
        this.process = process;
        this.errors = errors;
    }

    /// Starts `command` in `folder`, where its standard error goes to `<name>.err`.
    static ManagedProcess start(
            String name, List<String> command, Path folder, Consumer<JsonObject> listener)
            throws DemoFailed {
        Path errors = folder.resolve(name + ".err");
        try {
            Process process =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectError(errors.toFile())
                            .start();
            ManagedProcess managed = new ManagedProcess(name, process, errors);
            Thread.ofVirtual().name("read-" + name).start(() -> managed.read(listener));
            return managed;
        } catch (IOException e) {
            throw new DemoFailed("CANNOT_START", name + ": " + e.getMessage());
        }
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    private void read(Consumer<JsonObject> listener) {
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                Optional<JsonObject> event = parse(line);
                if (event.isPresent()) {
                    listener.accept(event.get());
                    add(event.get());
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // The process was ended while its output was read: the same as the end of it.
        } finally {
            lock.lock();
            try {
                ended = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private static Optional<JsonObject> parse(String line) {
        try {
            return Optional.of(JsonLine.parse(line));
        } catch (JsonLineException e) {
            return Optional.empty();
        }
    }

    private void add(JsonObject event) {
        lock.lock();
        try {
            if (events.size() < MAX_EVENTS) {
                events.add(event);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The first event so far or from now on that fits.
    ///
    /// @param what for the message when it does not come: "its tip at height 102"
    /// @throws DemoFailed if the process ends before, or reports why it cannot continue, or the
    ///   time is over
    JsonObject await(String what, Predicate<JsonObject> fits, Deadline deadline) throws DemoFailed {
        return await(what, fits, deadline, /* failsWithIt= */ true);
    }

    /// The same, also when the process refuses or gives up sessions before.
    JsonObject awaitAmongRefusals(String what, Predicate<JsonObject> fits, Deadline deadline)
            throws DemoFailed {
        return await(what, fits, deadline, /* failsWithIt= */ false);
    }

    private JsonObject await(
            String what, Predicate<JsonObject> fits, Deadline deadline, boolean failsWithIt)
            throws DemoFailed {
        lock.lock();
        try {
            int seen = 0;
            while (true) {
                for (; seen < events.size(); seen++) {
                    JsonObject event = events.get(seen);
                    if (fits.test(event)) {
                        return event;
                    }
                    if (failsWithIt) {
                        refuseFatal(event);
                    }
                }
                if (ended) {
                    throw died(what);
                }
                long left = deadline.nanosLeft();
                if (left <= 0) {
                    throw new DemoFailed(
                            "TIMED_OUT", name + " did not report " + what + " " + deadline.text());
                }
                changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            throw new DemoFailed("INTERRUPTED", "interrupted");
        } finally {
            lock.unlock();
        }
    }

    /// The first event of this name.
    JsonObject await(String event, Deadline deadline) throws DemoFailed {
        return await(event, e -> e.text("event").orElse("").equals(event), deadline);
    }

    /// Something that a node reported.
    ///
    /// @param millis since 1970, on the clock that the processes share
    record Reported<E extends NodeEvent>(E event, double millis) {}

    /// The first event of a node that is of this type and fits.
    <E extends NodeEvent> Reported<E> await(Class<E> type, Predicate<E> fits, Deadline deadline)
            throws DemoFailed {
        JsonObject line =
                await(
                        NodeEvent.nameOf(type),
                        e -> nodeEvent(type, e).filter(fits).isPresent(),
                        deadline);
        return new Reported<>(nodeEvent(type, line).orElseThrow(), line.number("t"));
    }

    /// The first event of a node that is of this type.
    <E extends NodeEvent> E await(Class<E> type, Deadline deadline) throws DemoFailed {
        return await(type, _ -> true, deadline).event();
    }

    private static <E extends NodeEvent> Optional<E> nodeEvent(Class<E> type, JsonObject line) {
        return nodeEvent(line).filter(type::isInstance).map(type::cast);
    }

    /// What a line says, if it is an event of a node's: other processes print lines too.
    static Optional<NodeEvent> nodeEvent(JsonObject line) {
        try {
            return NodeEvent.read(line);
        } catch (JsonLineException e) {
            return Optional.empty();
        }
    }

    private void refuseFatal(JsonObject line) throws DemoFailed {
        switch (nodeEvent(line).orElse(null)) {
            case NodeEvent.Failed failed ->
                    throw DemoFailed.because(
                            exit() == ExitCodes.ENVIRONMENT,
                            failed.code(),
                            name + ": " + failed.message());
            case NodeEvent.Refused refused -> throw failed(refused.code(), refused.reason());
            case NodeEvent.Aborted aborted -> throw failed(aborted.code(), aborted.reason());
            case NodeEvent.JournalFailed failed -> throw failed("REFUSED", failed.reason());
            case NodeEvent.BroadcastRefused refused -> throw failed("REFUSED", refused.reason());
            case null, default -> {}
        }
    }

    private DemoFailed failed(String code, String reason) {
        return new DemoFailed(code, name + ": " + reason);
    }

    private DemoFailed died(String what) {
        int exit = exit();
        String status = exit < 0 ? "closed its output" : "ended with " + exit;
        String hint = firstError().map(line -> ": " + line).orElse("");
        return DemoFailed.because(
                exit == ExitCodes.ENVIRONMENT,
                "PROCESS_ENDED",
                name + " " + status + " before it reported " + what + hint);
    }

    private int exit() {
        try {
            return process.waitFor(5, TimeUnit.SECONDS) ? process.exitValue() : -1;
        } catch (InterruptedException e) {
            return -1;
        }
    }

    private Optional<String> firstError() {
        try (var lines = Files.lines(errors)) {
            return lines.filter(line -> !line.isBlank()).findFirst();
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    /// Waits until the process has ended by itself.
    int awaitEnd(Deadline deadline) throws DemoFailed {
        try {
            if (!process.waitFor(deadline.nanosLeft(), TimeUnit.NANOSECONDS)) {
                throw new DemoFailed("TIMED_OUT", name + " did not end " + deadline.text());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new DemoFailed("INTERRUPTED", "interrupted");
        }
    }

    /// Writes a line to the process's standard input.
    void tell(String line) throws DemoFailed {
        try {
            OutputStream in = process.getOutputStream();
            in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
        } catch (IOException e) {
            throw new DemoFailed("PROCESS_ENDED", name + ": " + e.getMessage());
        }
    }

    /// Asks the process to end, without waiting.
    void stop() {
        process.destroy();
    }

    /// Kills it as kill -9 does, and waits until it is gone.
    void kill() {
        process.destroyForcibly();
        awaitGone(Duration.ofSeconds(5));
    }

    private boolean awaitGone(Duration timeout) {
        boolean interrupted = false;
        try {
            long end = System.nanoTime() + timeout.toNanos();
            while (true) {
                try {
                    return process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Ends the process: with SIGTERM, and with SIGKILL if that is not enough.
    @Override
    public void close() {
        process.destroy();
        if (!awaitGone(Duration.ofSeconds(3))) {
            kill();
        }
    }

    @Override
    public String toString() {
        return name + (process.isAlive() ? ", process " + process.pid() : ", ended");
    }

    /// The last event of this name, if there was one.
    @Nullable JsonObject last(String event) {
        lock.lock();
        try {
            for (int i = events.size() - 1; i >= 0; i--) {
                if (events.get(i).text("event").orElse("").equals(event)) {
                    return events.get(i);
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }
}
