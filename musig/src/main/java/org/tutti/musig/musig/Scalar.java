package org.tutti.musig.musig;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// A number modulo n, the order of secp256k1, for adding up what everybody may see. Four limbs of
/// 64 bits, the lowest first. Adding is all it does: partial signatures and nothing secret.
///
/// Why not in the library: PartialSigAgg is additions alone, and laying out n pointers for a call
/// takes longer than doing them.
///
/// @param l0 bits 0…63
/// @param l1 bits 64…127
/// @param l2 bits 128…191
/// @param l3 bits 192…255
record Scalar(long l0, long l1, long l2, long l3) {
    private static final long N0 = 0xbfd25e8cd0364141L;
    private static final long N1 = 0xbaaedce6af48a03bL;
    private static final long N2 = 0xfffffffffffffffeL;
    private static final long N3 = 0xffffffffffffffffL;
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /// The number below n that the 32 bytes at the start say, big-endian; whoever calls has checked
    /// that it is below n.
    static Scalar of(byte[] bytes) {
        return at(bytes, 0);
    }

    /// The same, from `offset` on.
    static Scalar at(byte[] bytes, int offset) {
        return new Scalar(
                (long) LONGS.get(bytes, offset + 24),
                (long) LONGS.get(bytes, offset + 16),
                (long) LONGS.get(bytes, offset + 8),
                (long) LONGS.get(bytes, offset));
    }

    /// The sum modulo n of two numbers below n.
    Scalar plus(Scalar other) {
        long s0 = l0 + other.l0;
        long c0 = carry(l0, other.l0, s0);
        long s1 = l1 + other.l1 + c0;
        long c1 = carry(l1, other.l1, s1);
        long s2 = l2 + other.l2 + c1;
        long c2 = carry(l2, other.l2, s2);
        long s3 = l3 + other.l3 + c2;
        long c3 = carry(l3, other.l3, s3);
        long d0 = s0 - N0;
        long b0 = borrow(s0, N0, d0);
        long d1 = s1 - N1 - b0;
        long b1 = borrow(s1, N1, d1);
        long d2 = s2 - N2 - b1;
        long b2 = borrow(s2, N2, d2);
        long d3 = s3 - N3 - b2;
        long b3 = borrow(s3, N3, d3);
        // The sum is below 2n: it is n or more if it passed 2^256, or if n could be taken away.
        return c3 == 1 || b3 == 0 ? new Scalar(d0, d1, d2, d3) : new Scalar(s0, s1, s2, s3);
    }

    /// The carry out of `sum = one + other` or `one + other + 1` (Hacker's Delight, 2-16).
    private static long carry(long one, long other, long sum) {
        return ((one & other) | ((one | other) & ~sum)) >>> 63;
    }

    /// The borrow out of `difference = one - other` or `one - other - 1`.
    private static long borrow(long one, long other, long difference) {
        return ((~one & other) | ((~one | other) & difference)) >>> 63;
    }

    /// Writes 32 bytes, big-endian, from `offset` on.
    void writeTo(byte[] target, int offset) {
        LONGS.set(target, offset, l3);
        LONGS.set(target, offset + 8, l2);
        LONGS.set(target, offset + 16, l1);
        LONGS.set(target, offset + 24, l0);
    }
}
