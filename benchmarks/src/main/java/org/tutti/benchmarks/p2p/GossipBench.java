package org.tutti.benchmarks.p2p;

import org.tutti.benchmarks.Machine;
import org.tutti.benchmarks.PeerProgram;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// What GossipSub costs between processes on loopback that are connected each to each: 1 KiB,
/// signed, TCP, Noise and Yamux, one of them publishing. First 50 messages a second, whose latency
/// counts; then as many as go, while the publisher waits when queues are full. Others are measured
/// in turns with ours by programs of their own that do the same (interop/PEERS.md, `bench-gossip`).
public final class GossipBench {
    private static final int PER_SECOND = 50;
    private static final double MILLI = 1e6;
    private static final double SECOND = 1e9;

    /// How long the count of the slowest may stand still before what is missing is lost.
    private static final long QUIET_NANOS = 5_000_000_000L;

    /// How much is done.
    ///
    /// @param peers processes, the publisher counted
    /// @param rounds of each program
    /// @param seconds of 50 messages a second
    /// @param messages that are sent as fast as they go
    /// @param against programs of others
    public record Settings(
            int peers, int rounds, int seconds, int messages, List<PeerProgram> against) {
        public Settings {
            against = List.copyOf(against);
        }
    }

    /// One round.
    private record Result(
            double p50Millis,
            double p99Millis,
            double deliveriesPerSecond,
            double lost,
            double cpuMicrosPerDelivery) {
        String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"p50Millis\":%.3f,\"p99Millis\":%.3f,\"deliveriesPerSecond\":%.0f,\"lost\":%.0f,"
                            + "\"cpuMicrosPerDelivery\":%.1f}",
                    p50Millis,
                    p99Millis,
                    deliveriesPerSecond,
                    lost,
                    cpuMicrosPerDelivery);
        }
    }

    private final Settings settings;
    private final PrintStream progress;

    private GossipBench(Settings settings, PrintStream progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /// Runs everything.
    ///
    /// @param progress where lines for people go
    /// @return one JSON object: our medians, and those of others by name
    public static String run(Settings settings, PrintStream progress)
            throws IOException, InterruptedException {
        return new GossipBench(settings, progress).run();
    }

    private String run() throws IOException, InterruptedException {
        progress.println(Machine.at(Path.of(System.getProperty("java.io.tmpdir"))).line());
        progress.printf(
                Locale.ROOT,
                "%d processes on loopback, each connected to each; TCP, Noise, Yamux; GossipSub with"
                        + " signatures, 1 KiB; %d rounds in turns%n",
                settings.peers(),
                settings.rounds());
        Map<String, List<Result>> results = new LinkedHashMap<>();
        for (int round = 0; round < settings.rounds(); round++) {
            results.computeIfAbsent("ours", _ -> new ArrayList<>()).add(said("ours", ours()));
            for (PeerProgram other : settings.against()) {
                results.computeIfAbsent(other.name(), _ -> new ArrayList<>())
                        .add(said(other.name(), theirs(other)));
            }
        }
        StringBuilder json = new StringBuilder();
        results.forEach((name, all) -> {
            Result median = median(all);
            String text = median.json();
            progress.println("median of " + name + ": " + text);
            if (name.equals("ours")) {
                json.append(text, 0, text.length() - 1);
            } else {
                json.append(",\"").append(name).append("\":").append(text);
            }
        });
        return json.append('}').toString();
    }

    private Result said(String name, Result result) {
        progress.println(name + ": " + result.json());
        return result;
    }

    private static Result median(List<Result> all) {
        return new Result(
                median(all, Result::p50Millis),
                median(all, Result::p99Millis),
                median(all, Result::deliveriesPerSecond),
                // Losses are not a matter of medians.
                all.stream().mapToDouble(Result::lost).sum(),
                median(all, Result::cpuMicrosPerDelivery));
    }

    private static double median(List<Result> all, ToDoubleFunction<Result> value) {
        double[] sorted = all.stream().mapToDouble(value).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    // Ours.

    /// What the subscribers say at the end of a phase.
    private record Phase(
            long deliveries, long lost, double seconds, double cpuMicros, List<Long> latencies) {}

    /// Sends messages.
    private interface Work {
        void run() throws InterruptedException;
    }

    private Result ours() throws IOException, InterruptedException {
        List<RemoteProcess> children = new ArrayList<>();
        try (GossipPeer self = GossipPeer.start(List.of())) {
            List<String> addresses = new ArrayList<>(List.of(self.address()));
            for (int i = 1; i < settings.peers(); i++) {
                RemoteProcess child =
                        new RemoteProcess(
                                GossipPeer.class, List.of(), addresses.toArray(String[]::new));
                children.add(child);
                addresses.add(child.address().toString());
            }
            while (self.peers() < settings.peers() - 1) {
                Thread.sleep(10);
            }
            // Warm, as a program is that has run for a while: the compilers have done their part.
            phase(children, settings.messages(), () -> unpaced(self, settings.messages()));
            int paced = PER_SECOND * settings.seconds();
            Phase slow = phase(children, paced, () -> paced(self, paced));
            Phase fast =
                    phase(children, settings.messages(), () -> unpaced(self, settings.messages()));
            return new Result(
                    percentile(slow.latencies, 0.5),
                    percentile(slow.latencies, 0.99),
                    fast.deliveries / fast.seconds,
                    slow.lost + fast.lost,
                    fast.cpuMicros / fast.deliveries);
        } finally {
            for (RemoteProcess child : children) {
                child.close();
            }
        }
    }

    private static void paced(GossipPeer self, int messages) throws InterruptedException {
        long next = System.nanoTime();
        for (int i = 0; i < messages; i++) {
            self.publish();
            next += (long) (SECOND / PER_SECOND);
            long wait = next - System.nanoTime();
            if (wait > 0) {
                Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
            }
        }
    }

    private static void unpaced(GossipPeer self, int messages) throws InterruptedException {
        for (int i = 0; i < messages; i++) {
            self.publish();
        }
    }

    private Phase phase(List<RemoteProcess> children, int messages, Work work)
            throws IOException, InterruptedException {
        Usage before = Usage.now();
        for (RemoteProcess child : children) {
            before = before.plus(child.usage());
            child.ask("begin");
        }
        long began = GossipPeer.now();
        work.run();
        awaitAll(children, messages);
        Usage used = Usage.now();
        long deliveries = 0;
        long last = 0;
        List<Long> latencies = new ArrayList<>();
        for (RemoteProcess child : children) {
            used = used.plus(child.usage());
            String[] numbers = child.ask("end").split(" ", -1);
            deliveries += Long.parseLong(numbers[0]);
            last = Math.max(last, Long.parseLong(numbers[1]));
            Arrays.stream(numbers).skip(2).map(Long::valueOf).forEach(latencies::add);
        }
        Collections.sort(latencies);
        return new Phase(
                deliveries,
                (long) children.size() * messages - deliveries,
                (last - began) / SECOND,
                used.since(before).cpuNanos() / 1e3,
                latencies);
    }

    private static void awaitAll(List<RemoteProcess> children, int messages)
            throws IOException, InterruptedException {
        long sum = -1;
        long quietSince = System.nanoTime();
        while (System.nanoTime() - quietSince < QUIET_NANOS) {
            long now = 0;
            for (RemoteProcess child : children) {
                now += Long.parseLong(child.ask("count"));
            }
            if (now == (long) children.size() * messages) {
                return;
            }
            if (now != sum) {
                sum = now;
                quietSince = System.nanoTime();
            }
            Thread.sleep(50);
        }
    }

    private static double percentile(List<Long> sorted, double of) {
        return sorted.isEmpty()
                ? 0
                : sorted.get(Math.min(sorted.size() - 1, (int) (of * sorted.size()))) / MILLI;
    }

    // Theirs.

    private Result theirs(PeerProgram program) throws IOException, InterruptedException {
        String line =
                program.measure(
                        "p50Millis", "bench-gossip", settings.seconds(), settings.messages());
        return new Result(
                PeerProgram.field(line, "p50Millis"),
                PeerProgram.field(line, "p99Millis"),
                PeerProgram.field(line, "deliveriesPerSecond"),
                PeerProgram.field(line, "lost"),
                PeerProgram.field(line, "cpuMicrosPerDelivery"));
    }
}
