package org.tutti.musig.reference;

import static java.math.BigInteger.ONE;
import static java.math.BigInteger.TWO;
import static java.math.BigInteger.ZERO;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/// A point of secp256k1 in affine coordinates; infinity is (0, 0), which is not on the curve.
record Point(BigInteger x, BigInteger y) {
    static final BigInteger P =
            new BigInteger("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f", 16);
    static final BigInteger N =
            new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
    static final Point INFINITY = new Point(ZERO, ZERO);
    static final Point G =
            liftX(
                            new BigInteger(
                                    "79be667ef9dcbbac55a06295ce870b07"
                                            + "029bfcdb2dce28d959f2815b16f81798",
                                    16))
                    .orElseThrow();

    private static final BigInteger THREE = BigInteger.valueOf(3);

    boolean isInfinity() {
        return equals(INFINITY);
    }

    boolean hasEvenY() {
        return !y.testBit(0);
    }

    Point negate() {
        return isInfinity() ? this : new Point(x, P.subtract(y));
    }

    Point add(Point other) {
        if (isInfinity()) {
            return other;
        }
        if (other.isInfinity()) {
            return this;
        }
        if (x.equals(other.x) && !y.equals(other.y)) {
            return INFINITY;
        }
        BigInteger slope =
                equals(other)
                        ? THREE.multiply(x).multiply(x).multiply(TWO.multiply(y).modInverse(P))
                        : other.y.subtract(y).multiply(other.x.subtract(x).mod(P).modInverse(P));
        BigInteger newX = slope.multiply(slope).subtract(x).subtract(other.x).mod(P);
        return new Point(newX, slope.multiply(x.subtract(newX)).subtract(y).mod(P));
    }

    Point multiply(BigInteger scalar) {
        Point sum = INFINITY;
        Point power = this;
        BigInteger rest = scalar.mod(N);
        for (int i = 0; i < rest.bitLength(); i++) {
            if (rest.testBit(i)) {
                sum = sum.add(power);
            }
            power = power.add(power);
        }
        return sum;
    }

    /// The point with this x and an even y.
    static Optional<Point> liftX(BigInteger x) {
        if (x.compareTo(P) >= 0) {
            return Optional.empty();
        }
        BigInteger square = x.modPow(BigInteger.valueOf(3), P).add(BigInteger.valueOf(7)).mod(P);
        BigInteger y = square.modPow(P.add(ONE).shiftRight(2), P);
        if (!y.modPow(TWO, P).equals(square)) {
            return Optional.empty();
        }
        return Optional.of(new Point(x, y.testBit(0) ? P.subtract(y) : y));
    }

    /// 33 bytes, compressed.
    static Optional<Point> parse(byte[] bytes33) {
        if (bytes33.length != 33 || (bytes33[0] != 2 && bytes33[0] != 3)) {
            return Optional.empty();
        }
        return liftX(new BigInteger(1, Arrays.copyOfRange(bytes33, 1, 33)))
                .map(point -> bytes33[0] == 2 ? point : point.negate());
    }

    /// 33 bytes, zeros standing for infinity.
    static Optional<Point> parseExtended(byte[] bytes33) {
        return Arrays.equals(bytes33, new byte[33]) ? Optional.of(INFINITY) : parse(bytes33);
    }

    byte[] xBytes() {
        return bytes32(x);
    }

    byte[] bytes33() {
        byte[] out = new byte[33];
        out[0] = (byte) (hasEvenY() ? 2 : 3);
        System.arraycopy(xBytes(), 0, out, 1, 32);
        return out;
    }

    byte[] bytes33Extended() {
        return isInfinity() ? new byte[33] : bytes33();
    }

    static byte[] bytes32(BigInteger number) {
        return HexFormat.of().parseHex(String.format("%064x", number));
    }
}
