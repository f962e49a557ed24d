package org.tutti.musig.reference;

import static org.tutti.musig.reference.Point.G;
import static org.tutti.musig.reference.Point.N;
import static org.tutti.musig.reference.Point.P;
import static org.tutti.musig.reference.Point.bytes32;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/// BIP340, "Default Signing" and "Verification".
public final class ReferenceSchnorr {
    private ReferenceSchnorr() {}

    /// The 64-byte signature.
    public static byte[] sign(byte[] secretKey, byte[] message, byte[] auxRand) {
        BigInteger secret = new BigInteger(1, secretKey);
        if (secret.signum() == 0 || secret.compareTo(N) >= 0) {
            throw new IllegalArgumentException("The secret key must be in 1..n-1.");
        }
        Point point = G.multiply(secret);
        BigInteger d = point.hasEvenY() ? secret : N.subtract(secret);
        byte[] masked = xor(bytes32(d), hash("BIP0340/aux", auxRand));
        byte[] nonce = hash("BIP0340/nonce", masked, point.xBytes(), message);
        BigInteger k = new BigInteger(1, nonce).mod(N);
        Point r = G.multiply(k);
        BigInteger even = r.hasEvenY() ? k : N.subtract(k);
        BigInteger e = challenge(r.xBytes(), point.xBytes(), message);
        return concat(r.xBytes(), bytes32(even.add(e.multiply(d)).mod(N)));
    }

    /// Whether the signature is valid.
    public static boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
        Optional<Point> point = Point.liftX(new BigInteger(1, publicKey));
        BigInteger r = new BigInteger(1, Arrays.copyOf(signature, 32));
        BigInteger s = new BigInteger(1, Arrays.copyOfRange(signature, 32, 64));
        if (point.isEmpty() || r.compareTo(P) >= 0 || s.compareTo(N) >= 0) {
            return false;
        }
        BigInteger e = challenge(bytes32(r), publicKey, message);
        Point sum = G.multiply(s).add(point.get().multiply(N.subtract(e)));
        return !sum.isInfinity() && sum.hasEvenY() && sum.x().equals(r);
    }

    static BigInteger challenge(byte[] r, byte[] publicKey, byte[] message) {
        return new BigInteger(1, hash("BIP0340/challenge", r, publicKey, message)).mod(N);
    }

    static byte[] xor(byte[] one, byte[] other) {
        byte[] out = one.clone();
        for (int i = 0; i < out.length; i++) {
            out[i] ^= other[i];
        }
        return out;
    }

    static byte[] hash(String tag, byte[]... parts) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            byte[] prefix = sha256.digest(tag.getBytes(StandardCharsets.UTF_8));
            return sha256.digest(concat(prefix, prefix, concat(parts)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
