package org.tutti.lightclient.headers;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.block.ProofOfWork;

import java.math.BigInteger;
import java.util.Optional;

/// A target and the work that it means, as words instead of big numbers: every header is compared
/// with one.
///
/// Work is kept in 126 bits here. A header that claims more is refused like one whose bits are no
/// target: nobody can make 2^126 hashes, and so the sum of all work in a chain stays below 2^127.
final class CompactTarget {
    /// Bits of work that one header can have at most.
    static final int MAX_WORK_BITS = 126;

    private static final int WORD = 64;

    private final long bits;
    private final long word0;
    private final long word1;
    private final long word2;
    private final long word3;
    private final long workHigh;
    private final long workLow;

    private CompactTarget(long bits, BigInteger target, BigInteger work) {
        this.bits = bits;
        this.word0 = target.longValue();
        this.word1 = target.shiftRight(WORD).longValue();
        this.word2 = target.shiftRight(2 * WORD).longValue();
        this.word3 = target.shiftRight(3 * WORD).longValue();
        this.workHigh = work.shiftRight(WORD).longValue();
        this.workLow = work.longValue();
    }

    /// The target that these bits are, or nothing when they are negative, zero, too large, or mean
    /// more work than can be done.
    static @Nullable CompactTarget of(long bits) {
        Optional<BigInteger> target = ProofOfWork.target(bits);
        BigInteger work = ProofOfWork.work(bits);
        return target.isEmpty() || work.bitLength() > MAX_WORK_BITS
                ? null
                : new CompactTarget(bits, target.get(), work);
    }

    long bits() {
        return bits;
    }

    long workHigh() {
        return workHigh;
    }

    long workLow() {
        return workLow;
    }

    /// Whether a hash, four words with the lowest first, is at most this target.
    boolean isMetBy(long[] hash, int at) {
        int order = Long.compareUnsigned(hash[at + 3], word3);
        if (order == 0) {
            order = Long.compareUnsigned(hash[at + 2], word2);
        }
        if (order == 0) {
            order = Long.compareUnsigned(hash[at + 1], word1);
        }
        return (order == 0 ? Long.compareUnsigned(hash[at], word0) : order) <= 0;
    }
}
