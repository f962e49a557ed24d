package org.tutti.benchmarks.headers;

import com.sun.management.OperatingSystemMXBean;

import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.store.FileHeaderStore;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/// Opens stored headers in a new process, and prints: nanoseconds to open them, nanoseconds of CPU
/// of the process until then, bytes of heap in use, and kB of anonymous memory.
final class HeadersStart {
    private HeadersStart() {}

    public static void main(String[] args) throws IOException {
        long start = System.nanoTime();
        try (FileHeaderStore store = FileHeaderStore.open(Path.of(args[0]), Network.REGTEST)) {
            HeaderChain chain = new HeaderChain(Network.REGTEST, store, new SplittableRandom(1));
            int height = chain.tip().height();
            long wall = System.nanoTime() - start;
            long cpu =
                    ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                            .getProcessCpuTime();
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            long heap = runtime.totalMemory() - runtime.freeMemory();
            System.out.println(wall + " " + cpu + " " + heap + " " + anonymous() + " " + height);
        }
    }

    /// Zero where the system does not say.
    private static long anonymous() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (Files.exists(status)) {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith("RssAnon:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
        }
        return 0;
    }
}
