package org.tutti.interop.script;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.TaggedHash;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// A key pair for the cases here: nothing about it is secret, and its signatures come from few
/// nonces that are known in advance, so that making one is a few multiplications. For nothing else.
///
/// @param compressed 33 bytes
record Key(BigInteger secret, Bytes compressed) {
    /// The order of the group.
    static final BigInteger N =
            new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);

    private static final BigInteger P =
            new BigInteger("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f", 16);

    private static final List<Key> NONCES = IntStream.range(0, 16).mapToObj(Key::nonce).toList();

    /// Both halves of an ECDSA signature, s being the lower one of two.
    record Ecdsa(BigInteger r, BigInteger s) {}

    static Key numbered(int number) {
        return of(hash("key " + number));
    }

    private static Key nonce(int number) {
        return of(hash("nonce " + number));
    }

    private static BigInteger hash(String text) {
        return new BigInteger(1, Sha256.single(text.getBytes(StandardCharsets.UTF_8))).mod(N);
    }

    static Key of(BigInteger secret) {
        try (SecretKey key = SecretKey.of(bytes(secret))) {
            return new Key(secret, key.publicKey().bytes());
        } catch (KeyException e) {
            throw new IllegalArgumentException("not a secret key", e);
        }
    }

    /// 32 bytes, big-endian.
    static byte[] bytes(BigInteger number) {
        byte[] signed = number.toByteArray();
        byte[] out = new byte[32];
        int length = Math.min(signed.length, 32);
        System.arraycopy(signed, signed.length - length, out, 32 - length, length);
        return out;
    }

    byte[] xOnly() {
        return compressed.slice(1, PublicKey.BYTES).toArray();
    }

    private boolean isOdd() {
        return compressed.get(0) == 3;
    }

    /// 65 bytes: 04, x, y.
    byte[] uncompressed() {
        BigInteger x = new BigInteger(1, xOnly());
        BigInteger square = x.modPow(BigInteger.valueOf(3), P).add(BigInteger.valueOf(7)).mod(P);
        BigInteger root = square.modPow(P.add(BigInteger.ONE).shiftRight(2), P);
        BigInteger y = root.testBit(0) == isOdd() ? root : P.subtract(root);
        return Bytes.concat(Bytes.fromHex("04"), Bytes.wrap(bytes(x)), Bytes.wrap(bytes(y)))
                .toArray();
    }

    /// 65 bytes: 06 or 07 by whether y is odd, x, y.
    byte[] hybrid() {
        byte[] key = uncompressed();
        key[0] = (byte) (isOdd() ? 7 : 6);
        return key;
    }

    Ecdsa sign(byte[] hash, int nonceNumber) {
        Key nonce = NONCES.get(Math.floorMod(nonceNumber, NONCES.size()));
        BigInteger r = new BigInteger(1, nonce.xOnly()).mod(N);
        BigInteger s =
                nonce.secret
                        .modInverse(N)
                        .multiply(new BigInteger(1, hash).add(r.multiply(secret)))
                        .mod(N);
        return new Ecdsa(r, s.compareTo(N.shiftRight(1)) > 0 ? N.subtract(s) : s);
    }

    /// 64 bytes (BIP340).
    byte[] signSchnorr(byte[] hash, int nonceNumber) {
        Key nonce = NONCES.get(Math.floorMod(nonceNumber, NONCES.size()));
        byte[] rx = nonce.xOnly();
        Bytes challenge = TaggedHash.of("BIP0340/challenge", rx, xOnly(), hash);
        BigInteger e = new BigInteger(1, challenge.toArray()).mod(N);
        byte[] s = bytes(nonce.even().add(e.multiply(even())).mod(N));
        byte[] signature = Arrays.copyOf(rx, 64);
        System.arraycopy(s, 0, signature, 32, 32);
        return signature;
    }

    /// The secret of the point with this x and an even y.
    private BigInteger even() {
        return isOdd() ? N.subtract(secret) : secret;
    }

    /// The key with this tweak added to the point with an even y (BIP341).
    Key tweaked(byte[] tweak) {
        return of(even().add(new BigInteger(1, tweak)).mod(N));
    }
}
