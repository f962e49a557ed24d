package org.tutti.benchmarks.p2p;

import com.sun.management.OperatingSystemMXBean;

import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/// What a process has used so far, or between two moments. Its text travels between processes.
///
/// @param cpuNanos CPU time of all threads, user and system
/// @param compilerNanos what of it the just-in-time compiler took, about
record Usage(long cpuNanos, long compilerNanos) {
    static Usage now() {
        OperatingSystemMXBean system =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long compiling = ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
        return new Usage(system.getProcessCpuTime(), TimeUnit.MILLISECONDS.toNanos(compiling));
    }

    static Usage parse(String text) {
        String[] parts = text.split(" ", -1);
        return new Usage(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
    }

    Usage since(Usage before) {
        return new Usage(cpuNanos - before.cpuNanos, compilerNanos - before.compilerNanos);
    }

    Usage plus(Usage other) {
        return new Usage(cpuNanos + other.cpuNanos, compilerNanos + other.compilerNanos);
    }

    @Override
    public String toString() {
        return cpuNanos + " " + compilerNanos;
    }
}
