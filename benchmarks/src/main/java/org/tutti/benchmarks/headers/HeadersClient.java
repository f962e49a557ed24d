package org.tutti.benchmarks.headers;

import com.sun.management.OperatingSystemMXBean;

import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.store.FileHeaderStore;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.lightclient.sync.LightClient;
import org.tutti.lightclient.sync.SyncStatus;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/// Synchronises with a peer into a new store, or into one that an earlier run left, in a process of
/// its own, and prints: nanoseconds from the first dial to the last header, nanoseconds of CPU of
/// the process, kB that it had in memory at most, bytes read, and headers stored.
///
/// Several times in one process, each into a store of its own, where that is asked for: then one
/// such line for each, with the CPU of that time alone from the second on.
final class HeadersClient {
    private HeadersClient() {}

    /// @param args port, folder, height of the last header; how many times, if more than once
    public static void main(String[] args) throws IOException, InterruptedException {
        int port = Integer.parseInt(args[0]);
        int height = Integer.parseInt(args[2]);
        if (args.length == 3) {
            System.out.println(sync(port, Path.of(args[1]), height, 0));
        } else {
            long before = 0;
            for (int i = 0; i < Integer.parseInt(args[3]); i++) {
                System.out.println(
                        sync(port, Path.of(args[1]).resolve("store-" + i), height, before));
                before = cpu();
            }
        }
        System.exit(0);
    }

    private static String sync(int port, Path folder, int height, long cpuBefore)
            throws IOException, InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        FileHeaderStore store = FileHeaderStore.open(folder, Network.REGTEST);
        long start = System.nanoTime();
        try (LightClient client =
                LightClient.builder()
                        .network(Network.REGTEST)
                        .headers(store)
                        .headersOnly()
                        .peer("127.0.0.1", port)
                        .listener(
                                new ChainListener() {
                                    @Override
                                    public void status(SyncStatus status) {
                                        if (status.height() == height) {
                                            done.countDown();
                                        }
                                    }
                                })
                        .start()) {
            done.await();
            long wall = System.nanoTime() - start;
            SyncStatus.Progress progress = client.status().progress();
            return "%d %d %d %d %d"
                    .formatted(
                            wall, cpu() - cpuBefore, peak(), progress.bytes(), progress.headers());
        }
    }

    private static long cpu() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    /// Zero where the system does not say.
    private static long peak() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (Files.exists(status)) {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
        }
        return 0;
    }
}
