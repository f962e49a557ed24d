package org.tutti.testkit.kad;

import java.util.Arrays;

/// What many look-ups came to.
public final class Sample {
    private static final int MAX_HOPS = 64;

    private int attempts;
    private int successes;
    private final int[] hops = new int[MAX_HOPS + 1];
    private double[] messages = new double[16];
    private double[] millis = new double[16];
    private int ended;

    void attempted() {
        attempts++;
    }

    /// @param hops counted only where the look-up succeeded
    void ended(boolean success, int hops, int messageCount, double tookMillis) {
        if (success) {
            successes++;
            this.hops[Math.min(hops, MAX_HOPS)]++;
        }
        if (ended == messages.length) {
            messages = Arrays.copyOf(messages, 2 * ended);
            millis = Arrays.copyOf(millis, 2 * ended);
        }
        messages[ended] = messageCount;
        millis[ended] = tookMillis;
        ended++;
    }

    /// Adds what another sample holds.
    void add(Sample other) {
        attempts += other.attempts;
        successes += other.successes;
        for (int i = 0; i < hops.length; i++) {
            hops[i] += other.hops[i];
        }
        messages = concat(messages, ended, other.messages, other.ended);
        millis = concat(millis, ended, other.millis, other.ended);
        ended += other.ended;
    }

    private static double[] concat(double[] one, int count, double[] other, int otherCount) {
        double[] both = Arrays.copyOf(one, Math.max(16, count + otherCount));
        System.arraycopy(other, 0, both, count, otherCount);
        return both;
    }

    /// Look-ups begun.
    public int attempts() {
        return attempts;
    }

    /// Those that found what they looked for, 0 to 1.
    public double success() {
        return attempts == 0 ? 0 : (double) successes / attempts;
    }

    /// Referrals to the answer, of those that succeeded.
    public double meanHops() {
        long sum = 0;
        for (int i = 0; i < hops.length; i++) {
            sum += (long) i * hops[i];
        }
        return successes == 0 ? 0 : (double) sum / successes;
    }

    /// The least number of hops that this share of the successful look-ups stays within.
    public int hops(double share) {
        long within = 0;
        for (int i = 0; i < hops.length; i++) {
            within += hops[i];
            if (within >= share * successes) {
                return i;
            }
        }
        return MAX_HOPS;
    }

    public double meanMessages() {
        return Arrays.stream(messages, 0, ended).average().orElse(0);
    }

    /// Requests sent, time-outs included, that this share of all look-ups stays within.
    public double messages(double share) {
        return quantile(messages, share);
    }

    /// Virtual milliseconds that this share of all look-ups stays within.
    public double millis(double share) {
        return quantile(millis, share);
    }

    private double quantile(double[] values, double share) {
        double[] sorted = Arrays.copyOf(values, ended);
        Arrays.sort(sorted);
        return ended == 0 ? 0 : sorted[Math.min(ended - 1, (int) Math.ceil(share * ended) - 1)];
    }

    /// The messages of each look-up, for charts.
    public double[] allMessages() {
        return Arrays.copyOf(messages, ended);
    }

    /// The time of each look-up, for charts.
    public double[] allMillis() {
        return Arrays.copyOf(millis, ended);
    }
}
