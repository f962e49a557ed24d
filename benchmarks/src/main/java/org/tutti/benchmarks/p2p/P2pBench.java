package org.tutti.benchmarks.p2p;

import org.tutti.benchmarks.Machine;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.ping.PingStream;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.Stream;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// What our libp2p costs between two processes on loopback, over TCP, Noise and Yamux, with the CPU
/// time of both counted. Each part warms up first, because a JVM that has just started is several
/// times slower; connections, which go through most of the code, until its compiler has little left
/// to do.
public final class P2pBench {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final double MICRO = 1e3;
    private static final double SECOND = 1e9;

    /// Connections that are made at once.
    private static final int DIALERS = 8;

    /// Of each dialer.
    private static final int IDENTITIES = 8;

    /// Warm when the compilers take less than this part of the CPU time.
    private static final double COMPILING = 0.03;

    /// Warming up until the compilers are quiet may take this many times as long.
    private static final int MAX_WARM_UP_FACTOR = 3;

    /// Seconds of silence before each ping that comes after one.
    private static final Duration SILENCE = Duration.ofSeconds(1);

    /// How much is done.
    ///
    /// @param rounds after one another, of which the medians count
    /// @param silences pings that come after a second of silence each, in a round
    /// @param warmUp for each part, at least
    /// @param connections that are counted
    /// @param pings that are counted
    /// @param mebibytes each way that are counted
    public record Settings(
            int rounds, Duration warmUp, int connections, int pings, int silences, long mebibytes) {
        /// About two minutes in all, and as much for each round more but for the warm-up.
        public static Settings defaults() {
            return new Settings(1, Duration.ofSeconds(20), 6000, 20_000, 11, 2048);
        }

        /// As these, more than once.
        public Settings withRounds(int count) {
            return new Settings(count, warmUp, connections, pings, silences, mebibytes);
        }
    }

    /// The medians.
    ///
    /// @param other of another program in the same rounds; empty without one
    public record Comparison(P2pResult ours, Optional<P2pResult> other) {
        /// One JSON object.
        public String json() {
            return other.map(o -> "{\"ours\":" + ours.json() + ",\"other\":" + o.json() + "}")
                    .orElseGet(ours::json);
        }

        /// What the goals are about, by what the other program reached; empty without one.
        public String ratios() {
            return other.map(o ->
                            String.format(
                                    Locale.ROOT,
                                    "ours / other: connections per CPU-second %.2f, ping p50 %.2f,"
                                            + " after a second of silence %.2f (CPU of waiting %.2f),"
                                            + " MiB per CPU-second %.2f",
                                    ours.connectionsPerCpuSecond() / o.connectionsPerCpuSecond(),
                                    ours.pingP50Micros() / o.pingP50Micros(),
                                    ours.silentPingP50Micros() / o.silentPingP50Micros(),
                                    ours.waitingCores() / o.waitingCores(),
                                    ours.mibPerCpuSecond() / o.mibPerCpuSecond()))
                    .orElse("");
        }
    }

    private final Settings settings;
    private final PrintStream progress;

    private P2pBench(Settings settings, PrintStream progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /// Runs everything.
    ///
    /// @param other a program that does the same with another libp2p, in turns with ours: it prints
    ///   one line when it is warm, and for each line that it gets a [P2pResult] as JSON
    /// @param progress where lines for people go
    public static Comparison run(Settings settings, Optional<Path> other, PrintStream progress)
            throws IOException {
        return new P2pBench(settings, progress).run(other);
    }

    private Comparison run(Optional<Path> other) throws IOException {
        progress.println(Machine.at(Path.of(System.getProperty("java.io.tmpdir"))).line());
        progress.printf(
                Locale.ROOT,
                "two processes on loopback; TCP, Noise, Yamux; warm-up at least %d s for connections, half for the others%n",
                settings.warmUp().toSeconds());
        List<P2pResult> ours = new ArrayList<>();
        List<P2pResult> others = new ArrayList<>();
        try (RemoteProcess remote = new RemoteProcess();
                OtherProgram program = OtherProgram.start(other)) {
            onVirtualThread(() -> warmUpAll(remote));
            for (int i = 0; i < settings.rounds(); i++) {
                ours.add(onVirtualThread(() -> measure(remote)));
                program.round()
                        .ifPresent(result -> {
                            progress.println("other        " + result.json());
                            others.add(result);
                        });
            }
        }
        Comparison comparison =
                new Comparison(
                        P2pResult.median(ours),
                        others.isEmpty()
                                ? Optional.empty()
                                : Optional.of(P2pResult.median(others)));
        if (settings.rounds() > 1) {
            progress.println("medians      " + comparison.json());
        }
        if (other.isPresent()) {
            progress.println(comparison.ratios());
        }
        return comparison;
    }

    private P2pResult measure(RemoteProcess remote) throws IOException {
        double connections = connections(remote);
        try (Host host = host()) {
            Connection connection = host.connect(remote.address());
            double ping = pings(host, connection);
            Silence silence = silentPings(remote, host, connection);
            Rate rate = transfers(remote, connection);
            return new P2pResult(
                    connections,
                    ping,
                    silence.pingMicros,
                    silence.cores,
                    rate.perSecond(),
                    rate.perCpuSecond());
        }
    }

    private boolean warmUpAll(RemoteProcess remote) throws IOException {
        double seconds = warmUp(remote);
        try (Host host = host()) {
            Connection connection = host.connect(remote.address());
            long half = settings.warmUp().toNanos() / 2;
            long end = System.nanoTime() + half;
            try (PingStream stream = host.openPing(connection)) {
                while (System.nanoTime() < end) {
                    stream.ping();
                }
            }
            end = System.nanoTime() + half;
            while (System.nanoTime() < end) {
                transfer(connection, Transfer.UP, 128);
                transfer(connection, Transfer.DOWN, 128);
            }
        }
        progress.printf(Locale.ROOT, "warm-up of connections %.0f s%n", seconds);
        return true;
    }

    /// Where the library's users are meant to be.
    private static <T> T onVirtualThread(Callable<T> work) throws IOException {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofVirtual().name("bench").start(task);
        return get(task);
    }

    private static <T> T get(FutureTask<T> task) throws IOException {
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw new IOException("the measurement failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    private static Host host() throws IOException {
        Host host =
                Host.builder().identity(Keys.generate(KeyType.ED25519, new SecureRandom())).build();
        host.start();
        return host;
    }

    // Connections.

    private double connections(RemoteProcess remote) throws IOException {
        Usage remoteBefore = remote.usage();
        Usage before = Usage.now();
        long start = System.nanoTime();
        connectAll(remote, settings.connections());
        double seconds = (System.nanoTime() - start) / SECOND;
        double own = Usage.now().since(before).cpuNanos() / SECOND;
        double other = remote.usage().since(remoteBefore).cpuNanos() / SECOND;
        double rate = settings.connections() / (own + other);
        progress.printf(
                Locale.ROOT,
                "connections  %6.0f per CPU-second, %.0f per second (%d, each with identify and a ping,"
                        + " %d at once; CPU %.2f s dialer, %.2f s listener)%n",
                rate,
                settings.connections() / seconds,
                settings.connections(),
                DIALERS,
                own,
                other);
        return rate;
    }

    /// Makes connections until the compilers of both processes have become quiet.
    ///
    /// @return how many seconds it took
    private double warmUp(RemoteProcess remote) throws IOException {
        long start = System.nanoTime();
        long least = settings.warmUp().toNanos();
        int batch = Math.max(1, settings.connections() / 4);
        boolean quiet = false;
        while (System.nanoTime() - start < (quiet ? least : MAX_WARM_UP_FACTOR * least)) {
            Usage before = Usage.now().plus(remote.usage());
            connectAll(remote, batch);
            Usage used = Usage.now().plus(remote.usage()).since(before);
            quiet = used.compilerNanos() < COMPILING * used.cpuNanos();
        }
        return (System.nanoTime() - start) / SECOND;
    }

    private static void connectAll(RemoteProcess remote, int count) throws IOException {
        @SuppressWarnings({"unchecked", "rawtypes"})
        FutureTask<Void>[] dialers = new FutureTask[DIALERS];
        for (int i = 0; i < DIALERS; i++) {
            dialers[i] = new FutureTask<>(() -> connect(remote, count / DIALERS), null);
            Thread.ofVirtual().start(dialers[i]);
        }
        for (FutureTask<Void> dialer : dialers) {
            get(dialer);
        }
    }

    /// Each dialer takes turns among a few identities: the remote bounds the streams of one peer,
    /// and may not have noticed the end of the last connection when the next one is there.
    private static void connect(RemoteProcess remote, int count) {
        List<Host> hosts = new ArrayList<>();
        try {
            for (int i = 0; i < IDENTITIES; i++) {
                hosts.add(host());
            }
            for (int i = 0; i < count; i++) {
                Host host = hosts.get(i % IDENTITIES);
                try (Connection connection = host.connect(remote.address())) {
                    host.awaitIdentified(connection, TIMEOUT);
                    host.ping(connection.remotePeer());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            hosts.forEach(Host::close);
        }
    }

    // Round trips.

    private double pings(Host host, Connection connection) throws IOException {
        long[] nanos = new long[settings.pings()];
        try (PingStream stream = host.openPing(connection)) {
            for (int i = 0; i < nanos.length; i++) {
                nanos[i] = stream.ping().toNanos();
            }
        }
        Arrays.sort(nanos);
        double median = nanos[nanos.length / 2] / MICRO;
        progress.printf(
                Locale.ROOT,
                "ping         %6.1f µs p50, %.1f µs p99 (%d on an open stream)%n",
                median,
                nanos[nanos.length * 99 / 100] / MICRO,
                nanos.length);
        return median;
    }

    private record Silence(double pingMicros, double cores) {}

    /// What a ping takes after a second in which nothing happened, and what such seconds cost.
    private Silence silentPings(RemoteProcess remote, Host host, Connection connection)
            throws IOException {
        long[] nanos = new long[settings.silences()];
        long cpu = 0;
        long wall = 0;
        try (PingStream stream = host.openPing(connection)) {
            stream.ping();
            for (int i = 0; i < nanos.length; i++) {
                Usage before = Usage.now().plus(remote.usage());
                long start = System.nanoTime();
                Thread.sleep(SILENCE);
                nanos[i] = stream.ping().toNanos();
                wall += System.nanoTime() - start;
                cpu += Usage.now().plus(remote.usage()).since(before).cpuNanos();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        Arrays.sort(nanos);
        Silence silence = new Silence(nanos[nanos.length / 2] / MICRO, (double) cpu / wall);
        progress.printf(
                Locale.ROOT,
                "after 1 s    %6.1f µs p50 (%d pings, a second of silence before each; CPU of both"
                        + " while they wait %.4f of a core)%n",
                silence.pingMicros,
                nanos.length,
                silence.cores);
        return silence;
    }

    // Bulk data.

    private record Rate(double perSecond, double perCpuSecond) {}

    private Rate transfers(RemoteProcess remote, Connection connection) throws IOException {
        Rate up = measure(remote, connection, Transfer.UP, "up  ");
        Rate down = measure(remote, connection, Transfer.DOWN, "down");
        return up.perCpuSecond() < down.perCpuSecond() ? up : down;
    }

    private Rate measure(RemoteProcess remote, Connection connection, byte direction, String name)
            throws IOException {
        Usage remoteBefore = remote.usage();
        Usage before = Usage.now();
        long start = System.nanoTime();
        transfer(connection, direction, settings.mebibytes());
        double seconds = (System.nanoTime() - start) / SECOND;
        double own = Usage.now().since(before).cpuNanos() / SECOND;
        double other = remote.usage().since(remoteBefore).cpuNanos() / SECOND;
        Rate rate = new Rate(settings.mebibytes() / seconds, settings.mebibytes() / (own + other));
        progress.printf(
                Locale.ROOT,
                "%s         %6.0f MiB per CPU-second, %.0f MiB per second (%d MiB on one stream with"
                        + " CRC-32C; CPU %.2f s here, %.2f s there)%n",
                name,
                rate.perCpuSecond(),
                rate.perSecond(),
                settings.mebibytes(),
                own,
                other);
        return rate;
    }

    private static void transfer(Connection connection, byte direction, long mebibytes)
            throws IOException {
        try (Stream stream = connection.openStream(Transfer.PROTOCOL)) {
            Transfer.run(stream, direction, mebibytes << 20);
        }
    }
}
