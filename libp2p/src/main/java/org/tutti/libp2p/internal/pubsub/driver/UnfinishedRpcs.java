package org.tutti.libp2p.internal.pubsub.driver;

import org.tutti.libp2p.identity.PeerId;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/// The memory of long RPCs that have not arrived completely, counted over all peers, with a limit.
/// At the limit the oldest RPC of the peer that has most is given up, be it the one that asks.
///
/// Safe for all threads; the lock guards everything, and what is given up ends outside it.
final class UnfinishedRpcs {
    /// Bytes of all together.
    static final int MAX = 16 << 20;

    private final int max;
    private final Set<Unfinished> held = new LinkedHashSet<>();
    private int memory;

    /// One on its way, while it takes more than its reader's buffer.
    static final class Unfinished {
        private final PeerId from;
        private final Runnable giveUp;
        private int memory;
        private boolean givenUp;

        /// @param giveUp ends the stream; called without a lock
        Unfinished(PeerId from, Runnable giveUp) {
            this.from = from;
            this.giveUp = giveUp;
        }
    }

    UnfinishedRpcs() {
        this(MAX);
    }

    UnfinishedRpcs(int max) {
        this.max = max;
    }

    /// It takes so many bytes from now on.
    ///
    /// @return false if it was given up
    boolean takes(Unfinished rpc, int bytes) {
        while (true) {
            Unfinished victim;
            synchronized (this) {
                if (rpc.givenUp) {
                    return false;
                }
                if (memory - rpc.memory + bytes <= max) {
                    held.add(rpc);
                    memory += bytes - rpc.memory;
                    rpc.memory = bytes;
                    return true;
                }
                victim = victim(rpc, bytes);
                victim.givenUp = true;
                forget(victim);
            }
            victim.giveUp.run();
        }
    }

    /// With the lock held: of the peer that would have most.
    private Unfinished victim(Unfinished asking, int bytes) {
        Map<PeerId, Integer> byPeer = new HashMap<>();
        byPeer.put(asking.from, bytes - asking.memory);
        held.forEach(rpc -> byPeer.merge(rpc.from, rpc.memory, Integer::sum));
        PeerId most = asking.from;
        for (Map.Entry<PeerId, Integer> entry : byPeer.entrySet()) {
            if (entry.getValue() > byPeer.getOrDefault(most, 0)) {
                most = entry.getKey();
            }
        }
        PeerId greediest = most;
        return held.stream().filter(rpc -> rpc.from.equals(greediest)).findFirst().orElse(asking);
    }

    /// It has come whole, or its stream has ended.
    synchronized void ended(Unfinished rpc) {
        forget(rpc);
    }

    private void forget(Unfinished rpc) {
        if (held.remove(rpc)) {
            memory -= rpc.memory;
            rpc.memory = 0;
        }
    }

    synchronized int memory() {
        return memory;
    }
}
