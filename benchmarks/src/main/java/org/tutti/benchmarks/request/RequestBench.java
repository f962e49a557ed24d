package org.tutti.benchmarks.request;

import org.tutti.benchmarks.Machine;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.message.RequestId;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// `bench request`: how long it takes from announcing a request to strangers until all of them have
/// the signatures, and how many requests a second.
///
/// Everything is real: hosts over loopback sockets, requests and journals forced to disk, every
/// signer joins by its policy and checks everything. First one request at a time, then many at
/// once.
public final class RequestBench {
    private static final long TIMEOUT_SECONDS = 120;

    private final Map<RequestId, CountDownLatch> waiting = new ConcurrentHashMap<>();
    private final int signers;
    private volatile String failure = ""; // written by any signer's event thread, read by the bench

    private RequestBench(int signers) {
        this.signers = signers;
    }

    /// Runs it all.
    ///
    /// @param requests measured one at a time, and as many again at once
    /// @param concurrency at once in the second part
    /// @param folder where the files are; removed afterwards
    /// @throws IllegalStateException if a request does not end in signatures
    public static RequestResult run(
            int signers, int requests, int warmup, int concurrency, Path folder)
            throws IOException, InterruptedException {
        RequestBench bench = new RequestBench(signers);
        try (Strangers strangers = Strangers.start(signers, concurrency, folder, bench::onEvent)) {
            bench.many(strangers, warmup, Math.min(concurrency, 32));
            double[] latencies = bench.oneAtATime(strangers, requests);
            long cpuBefore = cpuNanos();
            long start = System.nanoTime();
            bench.many(strangers, requests, concurrency);
            double seconds = millisSince(start) / 1e3;
            double cpuMillis = (cpuNanos() - cpuBefore) / 1e6;
            return new RequestResult(
                    signers,
                    requests,
                    warmup,
                    percentile(latencies, 0.50),
                    percentile(latencies, 0.99),
                    concurrency,
                    requests / seconds,
                    cpuMillis / requests,
                    Machine.at(folder));
        }
    }

    private void onEvent(CoordinatorEvent event) {
        switch (event) {
            case CoordinatorEvent.Finalized signed -> latch(signed.request()).countDown();
            case CoordinatorEvent.RequestRefused refused -> fail(refused);
            case CoordinatorEvent.SessionAborted aborted -> fail(aborted);
            default -> {
                // On the way.
            }
        }
    }

    private void fail(CoordinatorEvent.OfRequest event) {
        failure = event.toString();
        CountDownLatch latch = latch(event.request());
        while (latch.getCount() > 0) {
            latch.countDown();
        }
    }

    /// Created by the first user: a signer may finish before the call that asks returns.
    private CountDownLatch latch(RequestId id) {
        return waiting.computeIfAbsent(id, _ -> new CountDownLatch(signers));
    }

    private void await(RequestId id) throws InterruptedException {
        boolean ended = latch(id).await(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        waiting.remove(id);
        if (!ended || !failure.isEmpty()) {
            throw new IllegalStateException(
                    "request " + id.brief() + " was not signed: " + failure);
        }
    }

    private static RequestId ask(Strangers strangers, int number) throws InterruptedException {
        try {
            return strangers.ask(number % strangers.size()).id();
        } catch (CoordinatorException e) {
            throw new IllegalStateException(e);
        }
    }

    private double[] oneAtATime(Strangers strangers, int requests) throws InterruptedException {
        double[] millis = new double[requests];
        for (int i = 0; i < requests; i++) {
            long start = System.nanoTime();
            await(ask(strangers, i));
            millis[i] = millisSince(start);
        }
        Arrays.sort(millis);
        return millis;
    }

    private void many(Strangers strangers, int requests, int concurrency)
            throws InterruptedException {
        Semaphore permits = new Semaphore(concurrency);
        CountDownLatch all = new CountDownLatch(requests);
        for (int i = 0; i < requests && failure.isEmpty(); i++) {
            permits.acquire();
            RequestId id = ask(strangers, i);
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
        if (failure.isEmpty()) {
            all.await();
        }
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
