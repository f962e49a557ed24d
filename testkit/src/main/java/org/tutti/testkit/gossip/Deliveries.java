package org.tutti.testkit.gossip;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What became of many messages.
public final class Deliveries {
    /// How long it took each message to reach 99 % of those who should get it; infinite if it did
    /// not.
    private final List<Double> to99 = new ArrayList<>();

    private final List<Double> each = new ArrayList<>();
    private long expected;
    private long copies;

    /// One message, to so many subscribers, reached them after these milliseconds.
    void add(int subscribers, double[] millis, long copiesOfIt) {
        double[] sorted = millis.clone();
        Arrays.sort(sorted);
        for (double time : sorted) {
            each.add(time);
        }
        expected += subscribers;
        copies += copiesOfIt;
        int needed = (int) Math.ceil(0.99 * subscribers);
        to99.add(
                sorted.length < needed || needed == 0
                        ? Double.POSITIVE_INFINITY
                        : sorted[needed - 1]);
    }

    /// Adds what other messages came to.
    void addAll(Deliveries other) {
        to99.addAll(other.to99);
        each.addAll(other.each);
        expected += other.expected;
        copies += other.copies;
    }

    public int messages() {
        return to99.size();
    }

    /// Deliveries that did not happen.
    public long missing() {
        return expected - each.size();
    }

    /// Which part of the deliveries happened, 0 to 1.
    public double delivered() {
        return expected == 0 ? 0 : (double) each.size() / expected;
    }

    /// Milliseconds from publishing to 99 % of the subscribers: of the median message, or another.
    public double millisTo99(double share) {
        return quantile(to99, share);
    }

    /// Milliseconds within which this share of the deliveries that happened did.
    public double millis(double share) {
        return quantile(each, share);
    }

    private static double quantile(List<Double> values, double share) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted.length == 0
                ? Double.NaN
                : sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }

    /// Copies of a message that a subscriber got beyond the first, on average.
    public double duplicates() {
        return each.isEmpty() ? 0 : (double) copies / each.size() - 1;
    }

    /// The time of each delivery in milliseconds, for charts.
    public double[] allMillis() {
        return each.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
