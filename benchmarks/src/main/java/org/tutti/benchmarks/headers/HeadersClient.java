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

/// Synchronises with a peer into a new store, in a process of its own, and prints: nanoseconds from
/// the first dial to the last header, nanoseconds of CPU of the process, kB that it had in memory
/// at most, and bytes read.
final class HeadersClient {
    private HeadersClient() {}

    /// @param args port, folder, height of the last header
    public static void main(String[] args) throws IOException, InterruptedException {
        int height = Integer.parseInt(args[2]);
        CountDownLatch done = new CountDownLatch(1);
        FileHeaderStore store = FileHeaderStore.open(Path.of(args[1]), Network.REGTEST);
        long start = System.nanoTime();
        try (LightClient client =
                LightClient.builder()
                        .network(Network.REGTEST)
                        .headers(store)
                        .headersOnly()
                        .peer("127.0.0.1", Integer.parseInt(args[0]))
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
            long cpu =
                    ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                            .getProcessCpuTime();
            System.out.println(
                    wall + " " + cpu + " " + peak() + " " + client.status().progress().bytes());
        }
        System.exit(0);
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
