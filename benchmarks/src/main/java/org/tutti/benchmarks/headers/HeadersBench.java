package org.tutti.benchmarks.headers;

import com.sun.management.OperatingSystemMXBean;

import org.tutti.benchmarks.Machine;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.headers.HeaderBatch;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderSource;
import org.tutti.lightclient.headers.HeaderVerdict;
import org.tutti.lightclient.store.FileHeaderStore;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/// Puts real headers through all rules into fresh stores; makes a long chain of regtest headers and
/// opens it in this process and in new ones, and has new processes fetch it from a peer.
public final class HeadersBench {
    private static final int WARM_UP_STORES = 20;
    private static final int STORES = 60;
    private static final int OPENINGS = 7;
    private static final int SYNCS = 3;
    private static final int LOOK_UPS = 2_000_000;

    /// As a node has.
    private static final int HEAP_MIB = 160;

    /// After all times in the headers.
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static final HeaderSource SOURCE = new HeaderSource.SyncPeer(1);

    private HeadersBench() {}

    /// @param real mainnet's headers from genesis on, 80 bytes each, packed if its name ends in
    ///   `.gz`
    /// @param headers length of the chain of regtest headers
    /// @param folder where the stores are while it runs
    public static HeadersResult run(Path real, int headers, Path folder)
            throws IOException, InterruptedException {
        Path temporary = Files.createTempDirectory(folder, "tutti-headers-");
        try {
            List<HeaderBatch> batches = batches(read(real));
            for (int i = 0; i < WARM_UP_STORES; i++) {
                store(Network.MAINNET, batches, temporary.resolve("warm-up-" + i));
            }
            Usage stored = new Usage();
            for (int i = 0; i < STORES; i++) {
                store(Network.MAINNET, batches, temporary.resolve("real-" + i));
            }
            stored.stop();
            long count = 0;
            for (HeaderBatch batch : batches) {
                count += batch.size();
            }
            Path path = temporary.resolve("regtest");
            List<HeaderBatch> made = batches(RegtestHeaders.make(headers));
            Usage long1 = new Usage();
            store(Network.REGTEST, made, path);
            long1.stop();
            List<HeadersResult.Opening> openings = new ArrayList<>();
            for (int i = 0; i < OPENINGS; i++) {
                openings.add(openHere(path));
            }
            List<HeadersResult.Start> starts = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                starts.add(openInNewProcess(path));
            }
            List<HeadersResult.Sync> syncs = syncWithAPeer(headers, temporary);
            return new HeadersResult(
                    STORES * count,
                    stored.wallNanos,
                    stored.cpuNanos,
                    headers,
                    long1.wallNanos,
                    long1.cpuNanos,
                    openings,
                    starts,
                    syncs,
                    Machine.at(folder));
        } finally {
            delete(temporary);
        }
    }

    /// CPU of all threads of this process, and time on the wall.
    private static final class Usage {
        private final long wallStart = System.nanoTime();
        private final long cpuStart = cpu();
        long wallNanos;
        long cpuNanos;

        void stop() {
            wallNanos = System.nanoTime() - wallStart;
            cpuNanos = cpu() - cpuStart;
        }

        static long cpu() {
            return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                    .getProcessCpuTime();
        }
    }

    private static byte[] read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file);
                InputStream unpacked =
                        file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in) {
            return unpacked.readAllBytes();
        }
    }

    private static List<HeaderBatch> batches(byte[] headers) {
        List<HeaderBatch> batches = new ArrayList<>();
        int length = HeaderChain.MAX_BATCH * BlockHeader.LENGTH;
        for (int from = 0; from < headers.length; from += length) {
            int to = Math.min(headers.length, from + length);
            batches.add(HeaderBatch.wrap(Arrays.copyOfRange(headers, from, to)));
        }
        return batches;
    }

    private static void store(Network network, List<HeaderBatch> batches, Path path)
            throws IOException {
        try (FileHeaderStore store = FileHeaderStore.open(path, network)) {
            HeaderChain chain = new HeaderChain(network, store, new SplittableRandom(1));
            for (HeaderBatch batch : batches) {
                HeaderVerdict verdict = chain.accept(SOURCE, batch, NOW);
                if (!(verdict instanceof HeaderVerdict.Accepted)) {
                    throw new IOException(
                            "the headers are not those of " + network + ": " + verdict);
                }
            }
            chain.commit();
        }
    }

    private static HeadersResult.Opening openHere(Path path) {
        Usage opened = new Usage();
        try (FileHeaderStore store = FileHeaderStore.open(path, Network.REGTEST)) {
            HeaderChain chain = new HeaderChain(Network.REGTEST, store, new SplittableRandom(1));
            int height = chain.tip().height();
            opened.stop();
            SplittableRandom random = new SplittableRandom(2);
            Usage hashes = new Usage();
            int sum = 0;
            for (int i = 0; i < LOOK_UPS; i++) {
                sum += chain.hashAt(random.nextInt(height)).hashCode();
            }
            hashes.stop();
            Usage entries = new Usage();
            for (int i = 0; i < LOOK_UPS; i++) {
                sum += chain.at(random.nextInt(height)).height();
            }
            entries.stop();
            return new HeadersResult.Opening(
                    opened.wallNanos,
                    opened.cpuNanos,
                    (double) hashes.cpuNanos / LOOK_UPS,
                    (double) entries.cpuNanos / LOOK_UPS,
                    sum);
        }
    }

    /// Each client, and the peer, is a process of its own.
    private static List<HeadersResult.Sync> syncWithAPeer(int headers, Path folder)
            throws IOException, InterruptedException {
        Process peer =
                java(List.of("-Xmx1g"), HeadersPeer.class, Integer.toString(headers)).start();
        try {
            String port = peer.inputReader().readLine();
            if (port == null) {
                throw new IOException("the serving peer ended");
            }
            List<HeadersResult.Sync> syncs = new ArrayList<>();
            for (int i = 0; i < SYNCS; i++) {
                long[] numbers =
                        run(
                                java(
                                        List.of("-Xmx" + HEAP_MIB + "m", "-XX:+UseSerialGC"),
                                        HeadersClient.class,
                                        port,
                                        folder.resolve("synced-" + i).toString(),
                                        Integer.toString(headers)));
                syncs.add(new HeadersResult.Sync(numbers[0], numbers[1], numbers[2], numbers[3]));
            }
            return syncs;
        } finally {
            peer.destroyForcibly();
        }
    }

    private static ProcessBuilder java(List<String> options, Class<?> main, String... args) {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(args));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    }

    /// The four numbers that a process prints.
    private static long[] run(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.start();
        String line = process.inputReader().readLine();
        if (process.waitFor() != 0 || line == null) {
            throw new IOException("the other process ended");
        }
        return Arrays.stream(line.split(" ", -1)).mapToLong(Long::parseLong).toArray();
    }

    private static HeadersResult.Start openInNewProcess(Path path)
            throws IOException, InterruptedException {
        long[] numbers =
                run(
                        java(
                                List.of("-Xmx" + HEAP_MIB + "m", "-XX:+UseSerialGC"),
                                HeadersStart.class,
                                path.toString()));
        return new HeadersResult.Start(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
