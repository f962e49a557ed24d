package org.tutti.benchmarks.p2p;

import org.tutti.benchmarks.Machine;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.ping.PingStream;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.Stream;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Whether the streams of one connection share it fairly: many echoes at once between two
/// processes, beside streams that their receiver never reads, and a ping stream.
public final class EchoesBench {
    private static final int CHUNK = 64 * 1024;
    private static final double MILLI = 1e6;
    private static final double SECOND = 1e9;
    private static final double PERCENTILE = 0.99;
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    /// Beside those of the echoes: identify, ping, the ones that nobody reads.
    private static final int OTHERS = 64;

    private EchoesBench() {}

    /// What was measured.
    ///
    /// @param medianMillis of an echo, from opening its stream to its last byte
    /// @param slowestMillis of all of them
    /// @param pingP99Millis meanwhile, on the same connection
    /// @param cpuSeconds of both processes
    public record Result(
            int echoes,
            int bytes,
            int unread,
            double medianMillis,
            double slowestMillis,
            double pingP50Millis,
            double pingP99Millis,
            double cpuSeconds) {
        /// One JSON object.
        public String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"echoes\":%d,\"bytes\":%d,\"unreadStreams\":%d,\"medianMillis\":%.0f,"
                            + "\"slowestMillis\":%.0f,\"slowestOverMedian\":%.2f,"
                            + "\"pingP50Millis\":%.2f,\"pingP99Millis\":%.2f,\"cpuSeconds\":%.2f}",
                    echoes,
                    bytes,
                    unread,
                    medianMillis,
                    slowestMillis,
                    slowestMillis / medianMillis,
                    pingP50Millis,
                    pingP99Millis,
                    cpuSeconds);
        }
    }

    /// Measures once, after a run that warms up.
    ///
    /// @param echoes at once
    /// @param bytes of each
    /// @param unread streams that nobody reads
    /// @param progress where lines for people go
    public static Result run(int echoes, int bytes, int unread, PrintStream progress)
            throws IOException {
        progress.println(Machine.at(Path.of(System.getProperty("java.io.tmpdir"))).line());
        int streams = echoes + unread + OTHERS;
        try (RemoteProcess remote =
                        new RemoteProcess(EchoesPeer.class, List.of(), String.valueOf(streams));
                Host host = EchoesPeer.builder(streams).build()) {
            host.start();
            Connection connection = host.connect(remote.address());
            for (int i = 0; i < unread; i++) {
                // Its handler neither reads nor writes: nobody would hear of its consent.
                fill(connection.openStreamLazily(EchoesPeer.SILENT));
            }
            measure(remote, host, connection, echoes, bytes, unread);
            Result result = measure(remote, host, connection, echoes, bytes, unread);
            progress.printf(
                    Locale.ROOT,
                    "%d echoes of %d bytes at once beside %d streams that nobody reads: median %.0f ms,"
                            + " slowest %.0f ms (%.2f times); ping p50 %.2f ms, p99 %.2f ms; CPU %.2f s%n",
                    echoes,
                    bytes,
                    unread,
                    result.medianMillis,
                    result.slowestMillis,
                    result.slowestMillis / result.medianMillis,
                    result.pingP50Millis,
                    result.pingP99Millis,
                    result.cpuSeconds);
            return result;
        }
    }

    /// Writes until the other side takes no more, and for as long as the connection lives.
    private static void fill(Stream stream) {
        Thread.ofVirtual()
                .name("unread")
                .start(() -> {
                    byte[] chunk = new byte[CHUNK];
                    try {
                        while (true) {
                            stream.write(chunk, 0, CHUNK);
                        }
                    } catch (IOException e) {
                        // The connection is closed.
                    }
                });
    }

    private static Result measure(
            RemoteProcess remote,
            Host host,
            Connection connection,
            int echoes,
            int bytes,
            int unread)
            throws IOException {
        Usage before = Usage.now().plus(remote.usage());
        Pings pings = new Pings(host, connection);
        List<FutureTask<Long>> tasks = new ArrayList<>();
        for (int i = 0; i < echoes; i++) {
            FutureTask<Long> task = new FutureTask<>(() -> echo(connection, bytes));
            tasks.add(task);
            Thread.ofVirtual().name("echo").start(task);
        }
        double[] millis = new double[echoes];
        for (int i = 0; i < echoes; i++) {
            millis[i] = get(tasks.get(i)) / MILLI;
        }
        double[] rtts = pings.end();
        Usage used = Usage.now().plus(remote.usage()).since(before);
        Arrays.sort(millis);
        return new Result(
                echoes,
                bytes,
                unread,
                millis[echoes / 2],
                millis[echoes - 1],
                rtts[rtts.length / 2],
                rtts[(int) (rtts.length * PERCENTILE)],
                used.cpuNanos() / SECOND);
    }

    /// Sends on a thread of its own while this one reads.
    ///
    /// @return nanoseconds from opening the stream to its last byte
    private static long echo(Connection connection, int bytes) throws IOException {
        long start = System.nanoTime();
        try (Stream stream = connection.openStreamLazily(EchoesPeer.ECHO)) {
            stream.setReadTimeout(TIMEOUT);
            stream.setWriteTimeout(TIMEOUT);
            FutureTask<Void> sender =
                    new FutureTask<>(() -> {
                        byte[] chunk = new byte[CHUNK];
                        for (int left = bytes; left > 0; left -= CHUNK) {
                            stream.write(chunk, 0, Math.min(CHUNK, left));
                        }
                        stream.closeWrite();
                        return null;
                    });
            Thread.ofVirtual().name("echo-sender").start(sender);
            byte[] chunk = new byte[CHUNK];
            for (int left = bytes; left > 0; left -= CHUNK) {
                Frames.readFully(stream, chunk, 0, Math.min(CHUNK, left));
            }
            long nanos = System.nanoTime() - start;
            get(sender);
            return nanos;
        }
    }

    private static <T> T get(FutureTask<T> task) throws IOException {
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw new IOException("an echo failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /// Pings one after the other until it is told to end.
    private static final class Pings {
        private final FutureTask<double[]> task;
        // Volatile: set by whoever ends it, seen by the thread that pings.
        private volatile boolean ended;

        Pings(Host host, Connection connection) {
            task = new FutureTask<>(() -> ping(host, connection));
            Thread.ofVirtual().name("pings").start(task);
        }

        private double[] ping(Host host, Connection connection) throws IOException {
            List<Double> millis = new ArrayList<>();
            try (PingStream stream = host.openPing(connection)) {
                while (!ended || millis.isEmpty()) {
                    millis.add(stream.ping().toNanos() / MILLI);
                }
            }
            return millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        }

        double[] end() throws IOException {
            ended = true;
            return get(task);
        }
    }
}
