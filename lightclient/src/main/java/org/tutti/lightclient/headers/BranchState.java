package org.tutti.lightclient.headers;

import java.util.Arrays;

/// What the rules need to know of a header and those below it to judge the next one. Moved up
/// header by header, so that nobody looks far back.
///
/// Mutable; a branch that is tried has a copy.
final class BranchState {
    /// Headers whose median time a new one must exceed (Bitcoin Core's `nMedianTimeSpan`).
    static final int MEDIAN_SPAN = 11;

    private final long limitBits;

    int height;
    long time;
    long bits;

    /// Time and bits of the first block of this header's period.
    long periodTime;

    long periodBits;

    /// The bits of the last header of this period that has others than the easiest, or of its first
    /// one: what a test network goes back to after blocks of the 20-minute rule (Bitcoin Core walks
    /// back to it, `GetNextWorkRequired`).
    long baseBits;

    /// Whether headers below those whose times are here exist and are not known: then the median
    /// time says nothing until there are eleven.
    private boolean hasUnknownPast;

    private final long[] times = new long[MEDIAN_SPAN];
    private int timesKnown;
    private int nextTime;

    BranchState(long limitBits) {
        this.limitBits = limitBits;
    }

    /// At the first header of a chain.
    static BranchState at(ChainStart start, long limitBits) {
        BranchState state = new BranchState(limitBits);
        ChainStart.Anchor anchor = start.anchor();
        state.height = anchor.height() - 1;
        state.periodTime = anchor.time();
        state.periodBits = anchor.bits();
        state.baseBits = anchor.bits();
        state.hasUnknownPast = anchor.height() > 0;
        state.push(start.first().time(), start.first().bits());
        return state;
    }

    /// At any header of a tree.
    static BranchState at(HeaderTree tree, int position, ChainStart start, HeaderRules rules) {
        BranchState state = new BranchState(rules.limitBits());
        ChainStart.Anchor anchor = start.anchor();
        state.height = tree.height(position);
        state.time = tree.time(position);
        state.bits = tree.bits(position);
        int periodHeight = state.height - state.height % HeaderRules.PERIOD;
        if (periodHeight >= anchor.height()) {
            int first = tree.ancestor(position, periodHeight);
            state.periodTime = tree.time(first);
            state.periodBits = tree.bits(first);
        } else {
            state.periodTime = anchor.time();
            state.periodBits = anchor.bits();
        }
        state.baseBits =
                rules.isMinimumAfter20Minutes()
                        ? baseBits(tree, position, anchor, rules.limitBits())
                        : state.bits;
        state.readTimes(tree, position, anchor.height());
        return state;
    }

    private static long baseBits(
            HeaderTree tree, int position, ChainStart.Anchor anchor, long limitBits) {
        int at = position;
        while (tree.height(at) % HeaderRules.PERIOD != 0 && tree.bits(at) == limitBits) {
            at = tree.parent(at);
            if (at < 0) {
                return anchor.bits();
            }
        }
        return tree.bits(at);
    }

    private void readTimes(HeaderTree tree, int position, int startHeight) {
        hasUnknownPast = startHeight > 0;
        timesKnown = Math.min(MEDIAN_SPAN, height - startHeight + 1);
        nextTime = timesKnown % MEDIAN_SPAN;
        int at = position;
        for (int i = timesKnown - 1; i >= 0; i--) {
            times[i] = tree.time(at);
            at = tree.parent(at);
        }
    }

    BranchState copy() {
        BranchState copy = new BranchState(limitBits);
        copy.set(this);
        return copy;
    }

    /// Becomes equal to another state of the same network.
    void set(BranchState other) {
        height = other.height;
        time = other.time;
        bits = other.bits;
        periodTime = other.periodTime;
        periodBits = other.periodBits;
        baseBits = other.baseBits;
        hasUnknownPast = other.hasUnknownPast;
        System.arraycopy(other.times, 0, times, 0, MEDIAN_SPAN);
        timesKnown = other.timesKnown;
        nextTime = other.nextTime;
    }

    /// One header up.
    void push(long newTime, long newBits) {
        height++;
        time = newTime;
        bits = newBits;
        if (height % HeaderRules.PERIOD == 0) {
            periodTime = newTime;
            periodBits = newBits;
            baseBits = newBits;
        } else if (newBits != limitBits) {
            baseBits = newBits;
        }
        pushTime(newTime);
    }

    private void pushTime(long newTime) {
        times[nextTime] = newTime;
        nextTime = (nextTime + 1) % MEDIAN_SPAN;
        timesKnown = Math.min(timesKnown + 1, MEDIAN_SPAN);
    }

    /// Whether a time exceeds the median of the last eleven (Bitcoin Core, `GetMedianTimePast`):
    /// whether more than half of them are below it.
    boolean isAboveMedian(long newTime) {
        if (hasUnknownPast && timesKnown < MEDIAN_SPAN) {
            return true;
        }
        int below = 0;
        for (int i = 0; i < timesKnown; i++) {
            if (times[i] < newTime) {
                below++;
            }
        }
        return below > timesKnown / 2;
    }

    /// The median of the last eleven times that are known.
    long medianTime() {
        long[] sorted = Arrays.copyOf(times, timesKnown);
        Arrays.sort(sorted);
        return sorted[timesKnown / 2];
    }
}
