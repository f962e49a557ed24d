package org.tutti.bitcoin.block;

import org.tutti.bitcoin.hash.BlockHash;

import java.math.BigInteger;
import java.util.Optional;

/// Targets in compact form ("bits"), and the work that they mean.
///
/// The compact form is a sign, an exponent byte and 23 bits of mantissa: `mantissa * 256^(exponent
/// - 3)`. Bitcoin Core (`arith_uint256::SetCompact`, `CheckProofOfWork`) refuses negative, zero and
///   overflowing targets; so does this.
public final class ProofOfWork {
    private static final BigInteger TWO_TO_256 = BigInteger.ONE.shiftLeft(256);
    private static final int SIGN = 0x0080_0000;
    private static final int MANTISSA = 0x007f_ffff;

    private ProofOfWork() {}

    /// The target, 1 to 2^256 - 1, or nothing when `bits` is negative, zero or too large.
    ///
    /// @param bits unsigned 32 bits
    public static Optional<BigInteger> target(long bits) {
        int exponent = (int) (bits >>> 24);
        int mantissa = (int) (bits & MANTISSA);
        boolean negative = mantissa != 0 && (bits & SIGN) != 0;
        if (negative || overflows(exponent, mantissa)) {
            return Optional.empty();
        }
        BigInteger target =
                exponent <= 3
                        ? BigInteger.valueOf(mantissa >>> (8 * (3 - exponent)))
                        : BigInteger.valueOf(mantissa).shiftLeft(8 * (exponent - 3));
        return target.signum() == 0 ? Optional.empty() : Optional.of(target);
    }

    private static boolean overflows(int exponent, int mantissa) {
        return mantissa != 0
                && (exponent > 34
                        || (mantissa > 0xff && exponent > 33)
                        || (mantissa > 0xffff && exponent > 32));
    }

    /// The compact form of a target, which keeps its three highest bytes.
    ///
    /// @param target 0 to 2^256 - 1
    public static long compact(BigInteger target) {
        if (target.signum() < 0 || target.bitLength() > 256) {
            throw new IllegalArgumentException("not a target: " + target);
        }
        int exponent = (target.bitLength() + 7) / 8;
        long mantissa =
                exponent <= 3
                        ? target.longValue() << (8 * (3 - exponent))
                        : target.shiftRight(8 * (exponent - 3)).longValue();
        // The highest bit of the mantissa is the sign: a number that would set it moves down by a
        // byte.
        if ((mantissa & SIGN) != 0) {
            mantissa >>>= 8;
            exponent++;
        }
        return mantissa | (long) exponent << 24;
    }

    /// The expected number of hashes for a block: `2^256 / (target + 1)`, or zero where the bits
    /// are not a target.
    public static BigInteger work(long bits) {
        return target(bits)
                .map(target -> TWO_TO_256.divide(target.add(BigInteger.ONE)))
                .orElse(BigInteger.ZERO);
    }

    /// Whether `hash` is at most the target that `bits` says, and that target at most the network's
    /// easiest.
    ///
    /// Whether these are the bits that the chain demands at this height is not checked here: that
    /// takes the chain.
    ///
    /// @param limit the easiest target of the network
    public static boolean isMet(BlockHash hash, long bits, BigInteger limit) {
        Optional<BigInteger> target = target(bits);
        if (target.isEmpty() || target.get().compareTo(limit) > 0) {
            return false;
        }
        return hash.toNumber().compareTo(target.get()) <= 0;
    }
}
