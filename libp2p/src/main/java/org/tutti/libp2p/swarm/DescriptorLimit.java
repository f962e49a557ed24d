package org.tutti.libp2p.swarm;

import com.sun.management.UnixOperatingSystemMXBean;

import java.lang.management.ManagementFactory;

/// How many files and sockets this process may have open: no bound on connections is worth more.
final class DescriptorLimit {
    /// Where the system does not say it, or says that there is none.
    private static final long UNKNOWN = 4096;

    private static final int MAX = 1 << 20;

    private DescriptorLimit() {}

    /// Asked of the system once; it does not change while a process runs.
    static int get() {
        return Holder.LIMIT;
    }

    private static final class Holder {
        static final int LIMIT = ask();

        private static int ask() {
            long limit =
                    ManagementFactory.getOperatingSystemMXBean()
                                    instanceof UnixOperatingSystemMXBean unix
                            ? unix.getMaxFileDescriptorCount()
                            : UNKNOWN;
            return (int) Math.min(limit <= 0 ? UNKNOWN : limit, MAX);
        }
    }
}
