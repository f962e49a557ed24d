package org.tutti.musig.reference;

import static org.tutti.musig.reference.Point.G;
import static org.tutti.musig.reference.Point.N;
import static org.tutti.musig.reference.ReferenceSchnorr.concat;
import static org.tutti.musig.reference.ReferenceSchnorr.hash;

import static java.math.BigInteger.ONE;
import static java.math.BigInteger.ZERO;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;

/// BIP327's KeyAgg Context (Q, gacc, tacc) and what is done with it.
public record ReferenceKeyAgg(List<byte[]> keys, Point q, BigInteger gacc, BigInteger tacc) {
    /// KeyAgg.
    public static ReferenceKeyAgg of(List<byte[]> keys) {
        Point sum = Point.INFINITY;
        for (int i = 0; i < keys.size(); i++) {
            int signer = i;
            Point point =
                    Point.parse(keys.get(i))
                            .orElseThrow(() -> new InvalidContribution(signer, "pubkey"));
            sum = sum.add(point.multiply(coefficient(keys, keys.get(i))));
        }
        return new ReferenceKeyAgg(keys, sum, ONE, ZERO);
    }

    /// KeyAggCoeff.
    static BigInteger coefficient(List<byte[]> keys, byte[] key) {
        byte[] second = new byte[33];
        for (byte[] candidate : keys) {
            if (!Arrays.equals(candidate, keys.getFirst())) {
                second = candidate;
                break;
            }
        }
        if (Arrays.equals(key, second)) {
            return ONE;
        }
        byte[] list = hash("KeyAgg list", concat(keys.toArray(byte[][]::new)));
        return new BigInteger(1, hash("KeyAgg coefficient", list, key)).mod(N);
    }

    /// ApplyTweak.
    public ReferenceKeyAgg tweak(byte[] tweak, boolean xOnly) {
        BigInteger g = xOnly && !q.hasEvenY() ? N.subtract(ONE) : ONE;
        BigInteger t = new BigInteger(1, tweak);
        if (t.compareTo(N) >= 0) {
            throw new IllegalArgumentException("The tweak must be less than n.");
        }
        Point tweaked = q.multiply(g).add(G.multiply(t));
        if (tweaked.isInfinity()) {
            throw new IllegalArgumentException("The result of tweaking cannot be infinity.");
        }
        return new ReferenceKeyAgg(
                keys, tweaked, g.multiply(gacc).mod(N), t.add(g.multiply(tacc)).mod(N));
    }

    /// Tweaks one after the other.
    public ReferenceKeyAgg tweak(List<byte[]> tweaks, List<Boolean> xOnly) {
        ReferenceKeyAgg context = this;
        for (int i = 0; i < tweaks.size(); i++) {
            context = context.tweak(tweaks.get(i), xOnly.get(i));
        }
        return context;
    }

    /// 32 bytes.
    public byte[] xOnlyKey() {
        return q.xBytes();
    }

    /// 33 bytes.
    public byte[] plainKey() {
        return q.bytes33();
    }

    /// `g`: 1 for an even y, n-1 otherwise.
    BigInteger sign() {
        return q.hasEvenY() ? ONE : N.subtract(ONE);
    }
}
