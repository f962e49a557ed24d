package org.tutti.benchmarks.request;

import org.tutti.benchmarks.Machine;
import org.tutti.coordinator.message.RequestId;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// `bench request`: how long it takes from announcing a request to strangers until all of them have
/// the signatures, and how many requests a second.
///
/// Everything is real: hosts over loopback sockets, requests and journals forced to disk, every
/// signer joins by its policy and checks everything. First one request at a time, then many at
/// once.
public final class RequestBench {
    private static final long TIMEOUT_SECONDS = 120;

    private final Map<RequestId, Progress> waiting = new ConcurrentHashMap<>();
    private final int signers;
    private volatile String failure = ""; // written by any signer's event thread, read by the bench

    private RequestBench(int signers) {
        this.signers = signers;
    }

    /// The signers of a run.
    interface Asking extends AutoCloseable {
        int size();

        /// A request of one message for all of them.
        Asked ask(int requester) throws IOException, InterruptedException;

        /// What all of them have used so far.
        long cpuNanos() throws IOException, InterruptedException;

        /// What all of them hold now.
        Footprint footprint() throws IOException, InterruptedException;

        @Override
        void close() throws IOException;
    }

    /// @param nanos of the monotonic clock, just before it was announced
    record Asked(RequestId id, long nanos) {}

    /// Told what becomes of requests.
    interface Told {
        /// @param nanos of the monotonic clock
        void signed(RequestId id, long nanos);

        void failed(String what);
    }

    private static final class Progress {
        private final CountDownLatch signed;
        private final AtomicLong last = new AtomicLong(Long.MIN_VALUE);

        Progress(int signers) {
            signed = new CountDownLatch(signers);
        }
    }

    /// Runs it all.
    ///
    /// @param requests measured one at a time, and as many again at once
    /// @param concurrency at once in the second part
    /// @param lifetime how long a request counts, and is remembered
    /// @param processes whether each signer has a process of its own
    /// @param folder where the files are; removed afterwards
    /// @throws IllegalStateException if a request does not end in signatures
    public static RequestResult run(
            int signers,
            int requests,
            int warmup,
            int concurrency,
            Duration lifetime,
            boolean processes,
            Path folder)
            throws IOException, InterruptedException {
        RequestBench bench = new RequestBench(signers);
        Told told = bench.told();
        Load load = new Load(concurrency, lifetime);
        try (Asking strangers =
                processes
                        ? StrangerProcesses.start(signers, load, folder, told)
                        : Strangers.start(signers, load, folder, told)) {
            bench.many(strangers, warmup, Math.min(concurrency, 32));
            Footprint before = strangers.footprint();
            double[] latencies = bench.oneAtATime(strangers, requests);
            Footprint between = strangers.footprint();
            long cpuBefore = strangers.cpuNanos();
            long start = System.nanoTime();
            bench.many(strangers, requests, concurrency);
            double seconds = (System.nanoTime() - start) / 1e9;
            double cpuMillis = (strangers.cpuNanos() - cpuBefore) / 1e6;
            Footprint after = strangers.footprint();
            return new RequestResult(
                    signers,
                    processes,
                    requests,
                    warmup,
                    percentile(latencies, 0.50),
                    percentile(latencies, 0.99),
                    concurrency,
                    requests / seconds,
                    cpuMillis / requests,
                    before,
                    between,
                    after,
                    Machine.at(folder));
        }
    }

    private Told told() {
        return new Told() {
            @Override
            public void signed(RequestId id, long nanos) {
                Progress progress = progress(id);
                progress.last.accumulateAndGet(nanos, Math::max);
                progress.signed.countDown();
            }

            @Override
            public void failed(String what) {
                failure = what;
                for (Progress progress : waiting.values()) {
                    while (progress.signed.getCount() > 0) {
                        progress.signed.countDown();
                    }
                }
            }
        };
    }

    /// Created by the first user: a signer may finish before the call that asks returns.
    private Progress progress(RequestId id) {
        return waiting.computeIfAbsent(id, _ -> new Progress(signers));
    }

    private double await(Asked asked) throws InterruptedException {
        Progress progress = progress(asked.id());
        boolean ended = progress.signed.await(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        waiting.remove(asked.id());
        if (!ended || !failure.isEmpty()) {
            throw new IllegalStateException(
                    "request " + asked.id().brief() + " was not signed: " + failure);
        }
        return (progress.last.get() - asked.nanos()) / 1e6;
    }

    private double[] oneAtATime(Asking strangers, int requests)
            throws IOException, InterruptedException {
        double[] millis = new double[requests];
        for (int i = 0; i < requests; i++) {
            millis[i] = await(strangers.ask(i % strangers.size()));
        }
        Arrays.sort(millis);
        return millis;
    }

    private void many(Asking strangers, int requests, int concurrency)
            throws IOException, InterruptedException {
        Semaphore permits = new Semaphore(concurrency);
        CountDownLatch all = new CountDownLatch(requests);
        for (int i = 0; i < requests && failure.isEmpty(); i++) {
            permits.acquire();
            Asked asked = strangers.ask(i % strangers.size());
            Thread.startVirtualThread(() -> {
                try {
                    var _ = await(asked);
                } catch (InterruptedException | IllegalStateException e) {
                    failure = String.valueOf(e.getMessage());
                } finally {
                    permits.release();
                    all.countDown();
                }
            });
        }
        if (failure.isEmpty()) {
            all.await();
        }
        if (!failure.isEmpty()) {
            throw new IllegalStateException(failure);
        }
    }

    private static double percentile(double[] sorted, double part) {
        return sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * part))];
    }

    /// Of this process.
    static long ownCpuNanos() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime();
    }
}
