package org.tutti.signing.journal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// When the requests expire whose sessions are remembered no more: a request that expires at one of
/// these times may be one of them, and is refused.
///
/// They are kept one by one, and not as the latest of them: a clock that was far ahead for some
/// requests would otherwise have all others refused until that time comes. Beyond [#MAX_RANGES] the
/// two next to each other that have the least time between them become one range: the time from now
/// until one that is far ahead is in it only if a thousand others are as far apart. With a right
/// clock all of it is over, and no request expires there.
public final class ForgottenTimes {
    /// Most ranges kept.
    public static final int MAX_RANGES = 1 << 10;

    /// @param first Unix time in milliseconds, not negative
    /// @param last the same or later
    public record Range(long first, long last) {
        public Range {
            if (first < 0 || last < first) {
                throw new IllegalArgumentException(
                        "a range from " + first + " to " + last + " milliseconds");
            }
        }
    }

    private long[] first = new long[4];
    private long[] last = new long[4];
    private int size;

    /// None.
    public ForgottenTimes() {}

    /// @param millis Unix time; a negative one, at which no request expires, is taken as 0
    public void add(long millis) {
        long time = Math.max(0, millis);
        add(new Range(time, time));
    }

    /// All times of these, too.
    public void addAll(ForgottenTimes others) {
        others.ranges().forEach(this::add);
    }

    /// A range of a snapshot.
    void add(Range range) {
        int from = firstNotBefore(range.first);
        int to = from;
        long start = range.first;
        long end = range.last;
        while (to < size && first[to] <= range.last) {
            start = Math.min(start, first[to]);
            end = Math.max(end, last[to]);
            to++;
        }
        replace(from, to, start, end);
        if (size > MAX_RANGES) {
            joinNearest();
        }
    }

    /// The index of the first range that has this time or a later one.
    private int firstNotBefore(long time) {
        int index = Arrays.binarySearch(last, 0, size, time);
        return index < 0 ? -index - 1 : index;
    }

    /// Replaces the ranges of these indices by one.
    private void replace(int from, int to, long start, long end) {
        int grown = size - (to - from) + 1;
        if (grown > first.length) {
            first = Arrays.copyOf(first, 2 * first.length);
            last = Arrays.copyOf(last, 2 * last.length);
        }
        System.arraycopy(first, to, first, from + 1, size - to);
        System.arraycopy(last, to, last, from + 1, size - to);
        first[from] = start;
        last[from] = end;
        size = grown;
    }

    private void joinNearest() {
        int nearest = 0;
        for (int i = 1; i < size - 1; i++) {
            if (first[i + 1] - last[i] < first[nearest + 1] - last[nearest]) {
                nearest = i;
            }
        }
        replace(nearest, nearest + 2, first[nearest], last[nearest + 1]);
    }

    /// Whether a request that expires at this time may be one whose session was forgotten.
    ///
    /// @param millis Unix time
    public boolean contains(long millis) {
        int index = firstNotBefore(millis);
        return index < size && first[index] <= millis;
    }

    /// In ascending order, none overlapping another.
    public List<Range> ranges() {
        List<Range> ranges = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            ranges.add(new Range(first[i], last[i]));
        }
        return ranges;
    }
}
