package org.tutti.benchmarks.p2p;

import org.tutti.benchmarks.Machine;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.time.Timer;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/// What it costs a host to hold connections on which nothing happens but what keeps them alive: its
/// memory and its CPU time. The host is another process, with the limits and the keep-alive that
/// every host has; this one has all its clients, each with an identity of its own, from addresses
/// of 127/8.
public final class IdleBench {
    private static final int DIALERS = 8;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final double SECOND = 1e9;
    private static final double MEBIBYTE = 1 << 20;

    /// Of the host: what a service of this size would be given.
    private static final String HEAP = "-Xmx640m";

    private IdleBench() {}

    /// What was measured.
    ///
    /// @param held how many of the connections the host still had at the end
    /// @param residentBytes of the host at the end
    /// @param cores CPU time of the host by time on the wall, over these seconds
    public record Result(
            int connections,
            int addresses,
            int held,
            long residentBytes,
            double cores,
            int seconds,
            double connectSeconds) {
        /// One JSON object.
        public String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"connections\":%d,\"addresses\":%d,\"held\":%d,\"residentBytes\":%d,"
                            + "\"cores\":%.4f,\"seconds\":%d,\"connectSeconds\":%.1f}",
                    connections,
                    addresses,
                    held,
                    residentBytes,
                    cores,
                    seconds,
                    connectSeconds);
        }
    }

    /// Measures once.
    ///
    /// @param addresses of 127/8 from which they come
    /// @param seconds for which nothing happens; half as many before that are for settling
    /// @param progress where lines for people go
    public static Result run(int connections, int addresses, int seconds, PrintStream progress)
            throws IOException {
        progress.println(Machine.at(Path.of(System.getProperty("java.io.tmpdir"))).line());
        Queue<Host> clients = new ConcurrentLinkedQueue<>();
        try (Timer timer = Timer.system();
                RemoteProcess remote = new RemoteProcess(BenchPeer.class, List.of(HEAP))) {
            long start = System.nanoTime();
            connectAll(remote, timer, connections, addresses, clients);
            double connectSeconds = (System.nanoTime() - start) / SECOND;
            progress.printf(
                    Locale.ROOT,
                    "%d connections from %d addresses in %.1f s; %.0f MiB resident%n",
                    connections,
                    addresses,
                    connectSeconds,
                    remote.residentBytes() / MEBIBYTE);
            sleep(seconds / 2);
            Usage before = remote.usage();
            long since = System.nanoTime();
            sleep(seconds);
            Usage used = remote.usage().since(before);
            Result result =
                    new Result(
                            connections,
                            addresses,
                            Integer.parseInt(remote.ask(BenchPeer.CONNECTIONS)),
                            remote.residentBytes(),
                            (double) used.cpuNanos() / (System.nanoTime() - since),
                            seconds,
                            connectSeconds);
            progress.printf(
                    Locale.ROOT,
                    "idle for %d s: %d connections, %.0f MiB resident, %.4f of a core%n",
                    seconds,
                    result.held,
                    result.residentBytes / MEBIBYTE,
                    result.cores);
            return result;
        } finally {
            clients.parallelStream().forEach(Host::close);
        }
    }

    private static void connectAll(
            RemoteProcess remote, Timer timer, int count, int addresses, Queue<Host> clients)
            throws IOException {
        AtomicInteger next = new AtomicInteger();
        List<FutureTask<Void>> dialers =
                IntStream.range(0, DIALERS)
                        .mapToObj(_ ->
                                new FutureTask<Void>(() -> {
                                    for (int i = next.getAndIncrement();
                                            i < count;
                                            i = next.getAndIncrement()) {
                                        clients.add(connect(remote, timer, i % addresses));
                                    }
                                    return null;
                                }))
                        .toList();
        dialers.forEach(Thread.ofVirtual().name("dialer")::start);
        for (FutureTask<Void> dialer : dialers) {
            try {
                dialer.get();
            } catch (ExecutionException e) {
                throw new IOException("a connection failed: " + e.getCause(), e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
        }
    }

    private static Host connect(RemoteProcess remote, Timer timer, int address) throws IOException {
        // 127.0.1.1, 127.0.1.2, … : not the one that the host listens on.
        InetAddress source =
                InetAddress.getByAddress(
                        new byte[] {
                            127, 0, (byte) (1 + address / 250), (byte) (1 + address % 250)
                        });
        Host host =
                Host.builder()
                        .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                        .timer(new Shared(timer))
                        .transport(new FromAddress(source))
                        .build();
        host.start();
        Connection connection = host.connect(remote.address());
        host.awaitIdentified(connection, TIMEOUT);
        return host;
    }

    private static void sleep(int seconds) throws InterruptedIOException {
        try {
            Thread.sleep(Duration.ofSeconds(seconds));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /// One thread for all clients, which outlives each of them.
    private record Shared(Timer timer) implements Timer {
        @Override
        public long nanoTime() {
            return timer.nanoTime();
        }

        @Override
        public void schedule(Duration delay, Runnable task) {
            timer.schedule(delay, task);
        }

        @Override
        public void close() {
            // It belongs to all.
        }
    }
}
