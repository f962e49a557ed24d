package org.tutti.lightclient.headers;

import java.math.BigInteger;

/// An amount of work below 2^127, in two words. Mutable, so that adding up a chain makes no
/// objects.
final class Work implements Comparable<Work> {
    private static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(127);

    private long high;
    private long low;

    /// @throws IllegalArgumentException if it does not fit
    static Work of(BigInteger amount) {
        if (amount.signum() < 0 || amount.compareTo(LIMIT) >= 0) {
            throw new IllegalArgumentException("not an amount of work: " + amount);
        }
        Work work = new Work();
        work.set(amount.shiftRight(64).longValue(), amount.longValue());
        return work;
    }

    Work copy() {
        Work copy = new Work();
        copy.set(high, low);
        return copy;
    }

    void set(long newHigh, long newLow) {
        high = newHigh;
        low = newLow;
    }

    long high() {
        return high;
    }

    long low() {
        return low;
    }

    void add(CompactTarget target) {
        long sum = low + target.workLow();
        high += target.workHigh() + (Long.compareUnsigned(sum, low) < 0 ? 1 : 0);
        low = sum;
    }

    /// What is left after taking `times` the work of a target away, at least nothing.
    Work minus(CompactTarget target, int times) {
        BigInteger one = number(target.workHigh(), target.workLow());
        BigInteger rest = toNumber().subtract(one.multiply(BigInteger.valueOf(times)));
        return of(rest.max(BigInteger.ZERO));
    }

    BigInteger toNumber() {
        return number(high, low);
    }

    private static BigInteger number(long high, long low) {
        return BigInteger.valueOf(high)
                .shiftLeft(64)
                .add(new BigInteger(Long.toUnsignedString(low)));
    }

    @Override
    public int compareTo(Work other) {
        int order = Long.compare(high, other.high);
        return order == 0 ? Long.compareUnsigned(low, other.low) : order;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Work work && compareTo(work) == 0;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(high ^ low);
    }

    @Override
    public String toString() {
        return toNumber().toString();
    }
}
