package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// When each address of a peer is dialled (RFC 8305 section 5): attempts are started one after the
/// other, each a while after the one before, which goes on meanwhile; where one fails, the next
/// does not wait. A pure engine; not safe for threads. Times are nanoseconds.
final class DialSchedule {
    private final Deque<DialRanker.Ranked> left;
    private final int maxUnderWay;
    private int underWay;

    /// When the dial began, or would have begun if no attempt had failed early.
    private long began;

    /// @param addresses by the time at which they are dialled
    /// @param maxUnderWay attempts at once; the next address waits until one of them ends
    DialSchedule(List<DialRanker.Ranked> addresses, int maxUnderWay, long now) {
        this.left = new ArrayDeque<>(addresses);
        this.maxUnderWay = maxUnderWay;
        this.began = now;
        hurry(now);
    }

    /// Whether `next` gives an address.
    boolean isDue(long now) {
        OptionalLong at = wakeAt();
        return at.isPresent() && at.getAsLong() - now <= 0;
    }

    /// The address to dial now: an attempt is under way from here on. Ask again until it is empty.
    Optional<Multiaddr> next(long now) {
        if (!isDue(now)) {
            return Optional.empty();
        }
        underWay++;
        return Optional.of(left.remove().address());
    }

    /// An attempt has led to nothing.
    void failed(long now) {
        underWay--;
        hurry(now);
    }

    /// The next address is due now, and those behind it follow at their distances.
    private void hurry(long now) {
        DialRanker.Ranked first = left.peek();
        if (first != null && began + first.after() - now > 0) {
            began = now - first.after();
        }
    }

    /// When the next address is due; empty if there is none, or none before an attempt ends.
    OptionalLong wakeAt() {
        DialRanker.Ranked first = left.peek();
        return first == null || underWay >= maxUnderWay
                ? OptionalLong.empty()
                : OptionalLong.of(began + first.after());
    }

    int underWay() {
        return underWay;
    }

    /// Whether no attempt is under way and none is left.
    boolean isOver() {
        return left.isEmpty() && underWay == 0;
    }
}
