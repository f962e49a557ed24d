package org.tutti.libp2p.internal.swarm;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// When each address of a peer is dialled (RFC 8305 section 5): attempts are started one after the
/// other, each a while after the one before, which goes on meanwhile; where one fails, the next
/// does not wait. A pure engine; not safe for threads. Times are nanoseconds.
final class DialSchedule {
    private final List<DialRanker.Ranked> left = new ArrayList<>();
    private final int maxUnderWay;
    private int underWay;

    /// When the latest attempt was started.
    private long lastStart;

    /// When the dial began, or would have begun if no attempt had failed early.
    private long began;

    /// @param maxUnderWay attempts at once; the next address waits until one of them ends
    DialSchedule(int maxUnderWay, long now) {
        this.maxUnderWay = maxUnderWay;
        this.began = now;
    }

    /// More addresses are known: at once, or later, for names that were looked up meanwhile. Among
    /// themselves they keep their distances; the first of them waits as long behind an attempt that
    /// is under way as an address of those waits for the one before.
    ///
    /// @param addresses by the time at which they are dialled
    void add(List<DialRanker.Ranked> addresses, long now) {
        long from = now;
        if (underWay > 0 && lastStart + DialRanker.PUBLIC_DELAY - now > 0) {
            from = lastStart + DialRanker.PUBLIC_DELAY;
        }
        for (DialRanker.Ranked ranked : addresses) {
            left.add(new DialRanker.Ranked(ranked.address(), from - began + ranked.after()));
        }
        left.sort(Comparator.comparingLong(DialRanker.Ranked::after));
        if (underWay == 0) {
            hurry(now);
        }
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
        lastStart = now;
        return Optional.of(left.removeFirst().address());
    }

    /// An attempt has led to nothing.
    void failed(long now) {
        underWay--;
        hurry(now);
    }

    /// The next address is due now, and those behind it follow at their distances.
    private void hurry(long now) {
        DialRanker.Ranked first = first();
        if (first != null && began + first.after() - now > 0) {
            began = now - first.after();
        }
    }

    private DialRanker.@Nullable Ranked first() {
        return left.isEmpty() ? null : left.getFirst();
    }

    /// When the next address is due; empty if there is none, or none before an attempt ends.
    OptionalLong wakeAt() {
        DialRanker.Ranked first = first();
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
