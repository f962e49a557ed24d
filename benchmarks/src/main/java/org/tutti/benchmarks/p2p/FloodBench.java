package org.tutti.benchmarks.p2p;

import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.ping.PingStream;

import java.io.IOException;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// How a host in another process serves others while one peer floods it, with one carrier thread
/// for all its virtual threads: an honest peer's pings, and a question of its owner, which a
/// platform thread answers as a node's control socket does.
public final class FloodBench {
    private static final double MILLI = 1e6;
    private static final double PERCENTILE = 0.99;

    /// Between two questions of the owner.
    private static final int PINGS_PER_QUESTION = 50;

    private FloodBench() {}

    /// What was measured beside one kind of flood.
    ///
    /// @param flood its name
    public record Line(
            String flood, double pingP50Millis, double pingP99Millis, double ownerMaxMillis) {
        /// One JSON object.
        public String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"flood\":\"%s\",\"pingP50Millis\":%.2f,\"pingP99Millis\":%.2f,"
                            + "\"ownerMaxMillis\":%.2f}",
                    flood,
                    pingP50Millis,
                    pingP99Millis,
                    ownerMaxMillis);
        }
    }

    /// Measures beside each kind of flood, and beside none.
    ///
    /// @param pings of each kind
    /// @param progress where lines for people go
    public static List<Line> run(int pings, PrintStream progress) throws IOException {
        List<Line> lines = new ArrayList<>();
        try (RemoteProcess remote =
                new RemoteProcess(
                        "-Djdk.virtualThreadScheduler.parallelism=1",
                        "-Djdk.virtualThreadScheduler.maxPoolSize=1")) {
            measure(Flood.NONE, remote, pings);
            for (Flood flood : Flood.values()) {
                Line line = measure(flood, remote, pings);
                progress.printf(
                        Locale.ROOT,
                        "%-24s ping p50 %7.2f ms, p99 %7.2f ms; owner's question at most %7.2f ms%n",
                        line.flood(),
                        line.pingP50Millis(),
                        line.pingP99Millis(),
                        line.ownerMaxMillis());
                lines.add(line);
            }
        }
        return lines;
    }

    private static Line measure(Flood flood, RemoteProcess remote, int pings) throws IOException {
        Thread flooder =
                Thread.ofPlatform()
                        .name("flood")
                        .daemon(true)
                        .start(() -> flood.run(remote.address()));
        double[] millis = new double[pings];
        double owner = 0;
        try (Host host =
                Host.builder()
                        .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                        .build()) {
            host.start();
            try (PingStream stream = host.openPing(host.connect(remote.address()))) {
                for (int i = 0; i < pings; i++) {
                    millis[i] = stream.ping().toNanos() / MILLI;
                    if (i % PINGS_PER_QUESTION == 0) {
                        long asked = System.nanoTime();
                        remote.usage();
                        owner = Math.max(owner, (System.nanoTime() - asked) / MILLI);
                    }
                }
            }
        } finally {
            flooder.interrupt();
            join(flooder);
        }
        Arrays.sort(millis);
        return new Line(
                flood.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                millis[pings / 2],
                millis[(int) (pings * PERCENTILE)],
                owner);
    }

    private static void join(Thread flooder) {
        try {
            flooder.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
