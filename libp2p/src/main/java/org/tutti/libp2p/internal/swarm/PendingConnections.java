package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.swarm.LimitExceededException;

import java.util.HashMap;
import java.util.Map;

/// Counts inbound connections whose upgrade has not finished, in all and per remote host: what a
/// remote can make us hold before it has proven who it is. A pure engine; not safe for threads.
final class PendingConnections {
    private final int maxTotal;
    private final int maxPerHost;
    private final Map<String, Integer> perHost = new HashMap<>();
    private int total;

    PendingConnections(int maxTotal, int maxPerHost) {
        this.maxTotal = maxTotal;
        this.maxPerHost = maxPerHost;
    }

    /// Counts one more from this host.
    ///
    /// @throws LimitExceededException if that is one too many; nothing is counted then
    void admit(String host) throws LimitExceededException {
        if (total >= maxTotal) {
            throw new LimitExceededException("maxPendingConnections", maxTotal);
        }
        int fromHost = perHost.getOrDefault(host, 0);
        if (fromHost >= maxPerHost) {
            throw new LimitExceededException("maxPendingConnectionsPerHost", maxPerHost);
        }
        perHost.put(host, fromHost + 1);
        total++;
    }

    /// The upgrade of one that was admitted has ended, well or not.
    void release(String host) {
        perHost.computeIfPresent(host, (_, count) -> count == 1 ? null : count - 1);
        total--;
    }

    int total() {
        return total;
    }
}
