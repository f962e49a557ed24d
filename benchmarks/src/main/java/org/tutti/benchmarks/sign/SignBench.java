package org.tutti.benchmarks.sign;

import org.tutti.benchmarks.Machine;
import org.tutti.signing.group.GroupException;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.SessionEvent;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// `bench sign`: how long a signature takes, and how many a group makes in a second.
///
/// Everything is real: hosts over loopback sockets, journals forced to disk, every signer checks
/// everything. First one session at a time, then as many at once as keep the machine busy.
public final class SignBench {
    private static final long TIMEOUT_SECONDS = 120;
    private static final int LARGE = 20;

    /// Enough for the JIT compiler; reported in the result.
    private static final int WARMUP = 3_000;

    private final Map<SessionId, CountDownLatch> waiting = new ConcurrentHashMap<>();
    private volatile String failure = ""; // written by any signer's event thread, read by the bench

    private final int signers;

    private SignBench(int signers) {
        this.signers = signers;
    }

    /// Options `--signers N`, `--sessions N`, `--concurrency N`, `--dir FOLDER`, `--json`.
    public static void main(String[] args)
            throws IOException, GroupException, InterruptedException {
        int signers = option(args, "--signers", 3);
        int sessions = option(args, "--sessions", 400);
        int concurrency = option(args, "--concurrency", 0);
        int at = Arrays.asList(args).indexOf("--dir");
        Path folder = Path.of(at >= 0 ? args[at + 1] : System.getProperty("java.io.tmpdir"));
        SignResult result = run(signers, sessions, concurrency, folder);
        System.out.println(Arrays.asList(args).contains("--json") ? result.json() : result.table());
    }

    private static int option(String[] args, String name, int otherwise) {
        int at = Arrays.asList(args).indexOf(name);
        return at >= 0 && at + 1 < args.length ? Integer.parseInt(args[at + 1]) : otherwise;
    }

    /// Runs it all.
    ///
    /// @param concurrency sessions at once in the second part; 0 chooses
    /// @param folder where the journals are; removed afterwards
    /// @throws IllegalStateException if a session does not end in signatures
    public static SignResult run(int signers, int sessions, int concurrency, Path folder)
            throws IOException, GroupException, InterruptedException {
        int atOnce = concurrency > 0 ? concurrency : signers > LARGE ? 2 : 32;
        SignBench bench = new SignBench(signers);
        long start = System.nanoTime();
        try (Signers group = Signers.start(signers, folder, bench::onEvent)) {
            double setup = millisSince(start);
            int warmup = signers > LARGE ? 2 : WARMUP;
            long warmupStart = System.nanoTime();
            bench.many(group, warmup, atOnce);
            double warmupSeconds = millisSince(warmupStart) / 1e3;
            double[] latencies = bench.oneAtATime(group, sessions);
            long forcesBefore = group.forces();
            long cpuBefore = cpuNanos();
            long manyStart = System.nanoTime();
            bench.many(group, sessions, atOnce);
            double seconds = millisSince(manyStart) / 1e3;
            double cpuMillis = (cpuNanos() - cpuBefore) / 1e6;
            return new SignResult(
                    signers,
                    sessions,
                    new SignResult.Warmup(warmup, warmupSeconds),
                    setup,
                    new SignResult.Single(percentile(latencies, 0.50), percentile(latencies, 0.99)),
                    new SignResult.Many(
                            atOnce,
                            sessions / seconds,
                            cpuMillis / sessions,
                            group.forces() - forcesBefore),
                    Machine.at(folder));
        }
    }

    private void onEvent(SessionEvent event) {
        switch (event) {
            case SessionEvent.Signed signed -> latch(signed.request().sessionId()).countDown();
            case SessionEvent.Refused refused -> fail(refused.session(), refused.toString());
            case SessionEvent.Aborted aborted ->
                    fail(aborted.outcome().sessionId(), aborted.toString());
            case SessionEvent.JournalFailed failed -> failure = failed.message();
            default -> {}
        }
    }

    /// Created by the first user: a signer may finish before the requesting call returns.
    private CountDownLatch latch(SessionId id) {
        return waiting.computeIfAbsent(id, _ -> new CountDownLatch(signers));
    }

    private void fail(SessionId id, String reason) {
        failure = reason;
        CountDownLatch latch = latch(id);
        while (latch.getCount() > 0) {
            latch.countDown();
        }
    }

    private void await(SessionId id) throws InterruptedException {
        boolean ended = latch(id).await(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        waiting.remove(id);
        if (!ended || !failure.isEmpty()) {
            throw new IllegalStateException(
                    "session " + id.brief() + " was not signed: " + failure);
        }
    }

    private double[] oneAtATime(Signers group, int sessions) throws InterruptedException {
        double[] millis = new double[sessions];
        for (int i = 0; i < sessions; i++) {
            long start = System.nanoTime();
            await(group.ask(i % group.size()).sessionId());
            millis[i] = millisSince(start);
        }
        Arrays.sort(millis);
        return millis;
    }

    private void many(Signers group, int sessions, int concurrency) throws InterruptedException {
        Semaphore permits = new Semaphore(concurrency);
        CountDownLatch all = new CountDownLatch(sessions);
        for (int i = 0; i < sessions; i++) {
            permits.acquire();
            SessionId id = group.ask(i % group.size()).sessionId();
            Thread.startVirtualThread(() -> {
                try {
                    await(id);
                } catch (InterruptedException | IllegalStateException e) {
                    failure = String.valueOf(e.getMessage());
                } finally {
                    permits.release();
                    all.countDown();
                }
            });
        }
        all.await();
        if (!failure.isEmpty()) {
            throw new IllegalStateException(failure);
        }
    }

    private static double millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e6;
    }

    private static double percentile(double[] sorted, double part) {
        return sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * part))];
    }

    private static long cpuNanos() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime();
    }
}
