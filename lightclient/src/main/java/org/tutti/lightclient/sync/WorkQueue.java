package org.tutti.lightclient.sync;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.hash.BlockHash;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;

/// What is asked of whom: one queue of work over all peers. Owned by the engine.
///
/// Each job is asked of one peer at a time, and is free again when that peer answers, is gone, or
/// is given up. A peer sends the blocks that it is asked for one after the other: each renews the
/// time that it has for the rest.
final class WorkQueue {
    /// A piece of work.
    sealed interface Job {
        /// The headers that follow our chain.
        record Headers() implements Job {}

        /// A whole block.
        record Block(BlockHash hash) implements Job {}
    }

    private record Request(Peer peer, Instant asked) {}

    private final Map<Job, Request> requests = new HashMap<>();
    private final Map<Peer, Integer> perPeer = new HashMap<>();
    private final Duration headersDeadline;
    private final Duration blockDeadline;

    WorkQueue(Duration headersDeadline, Duration blockDeadline) {
        this.headersDeadline = headersDeadline;
        this.blockDeadline = blockDeadline;
    }

    private Duration deadline(Job job) {
        return switch (job) {
            case Job.Headers _ -> headersDeadline;
            case Job.Block _ -> blockDeadline;
        };
    }

    boolean isAsked(Job job) {
        return requests.containsKey(job);
    }

    /// How many jobs wait for peers.
    int size() {
        return requests.size();
    }

    /// How many jobs wait for this peer.
    int of(Peer peer) {
        return perPeer.getOrDefault(peer, 0);
    }

    /// The job is asked of this peer now, and no longer of another.
    void ask(Job job, Peer peer, Instant now) {
        remove(requests.put(job, new Request(peer, now)));
        perPeer.merge(peer, 1, Integer::sum);
    }

    private void remove(@Nullable Request request) {
        if (request != null) {
            perPeer.computeIfPresent(request.peer(), (_, count) -> count == 1 ? null : count - 1);
        }
    }

    /// The peer has answered.
    ///
    /// @return whether it was asked
    boolean settle(Job job, Peer peer, Instant now) {
        Request request = requests.get(job);
        if (request == null || request.peer() != peer) {
            return false;
        }
        remove(requests.remove(job));
        if (job instanceof Job.Block) {
            peer.lastBlock = now;
        }
        return true;
    }

    /// The job need not be done by that peer any more.
    void cancel(Job job) {
        remove(requests.remove(job));
    }

    /// Forgets what was asked of a peer that is gone.
    void forget(Peer peer) {
        for (Iterator<Request> it = requests.values().iterator(); it.hasNext(); ) {
            if (it.next().peer() == peer) {
                it.remove();
            }
        }
        perPeer.remove(peer);
    }

    boolean isOverdue(Job job, Instant now) {
        Request request = requests.get(job);
        return request != null && isOverdue(job, request, now);
    }

    private boolean isOverdue(Job job, Request request, Instant now) {
        Instant last = request.peer().lastBlock;
        Instant since = last.isAfter(request.asked()) ? last : request.asked();
        return !now.isBefore(since.plus(deadline(job)));
    }

    /// A peer that owes a block and has delivered nothing for too long.
    Optional<Peer> stalledWithBlock(Instant now) {
        for (Map.Entry<Job, Request> entry : requests.entrySet()) {
            if (entry.getKey() instanceof Job.Block
                    && isOverdue(entry.getKey(), entry.getValue(), now)) {
                return Optional.of(entry.getValue().peer());
            }
        }
        return Optional.empty();
    }
}
