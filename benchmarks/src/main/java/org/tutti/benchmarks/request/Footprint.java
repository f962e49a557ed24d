package org.tutti.benchmarks.request;

import java.lang.management.ManagementFactory;
import java.util.Collection;

/// What signers hold while they do nothing.
///
/// @param heapBytes in use after a collection, of all their processes
/// @param connections open, both ends counted
/// @param streams open, both ends counted
public record Footprint(long heapBytes, int connections, int streams) {
    private static final double MIB = 1 << 20;

    double heapMiB() {
        return heapBytes / MIB;
    }

    static Footprint sum(Collection<Footprint> all) {
        return new Footprint(
                all.stream().mapToLong(Footprint::heapBytes).sum(),
                all.stream().mapToInt(Footprint::connections).sum(),
                all.stream().mapToInt(Footprint::streams).sum());
    }

    /// Of this process.
    static long heapAfterCollection() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
