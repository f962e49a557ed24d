package org.tutti.musig.reference;

import static org.tutti.musig.reference.Point.G;
import static org.tutti.musig.reference.Point.N;
import static org.tutti.musig.reference.Point.bytes32;
import static org.tutti.musig.reference.ReferenceSchnorr.concat;
import static org.tutti.musig.reference.ReferenceSchnorr.hash;
import static org.tutti.musig.reference.ReferenceSchnorr.xor;

import org.tutti.base.Bytes;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// BIP327's NonceGen and NonceAgg.
public final class ReferenceNonces {
    private ReferenceNonces() {}

    /// A nonce: 97 secret bytes (k1, k2, public key), 66 public ones.
    public record Nonce(Bytes secret, Bytes pub) {}

    /// NonceGen with its randomness given.
    public static Nonce generate(
            byte[] random,
            Optional<byte[]> secretKey,
            byte[] publicKey,
            Optional<byte[]> aggregateKey,
            Optional<byte[]> message,
            Optional<byte[]> extraIn) {
        byte[] rand = secretKey.map(key -> xor(key, hash("MuSig/aux", random))).orElse(random);
        byte[] prefixedMessage =
                message.map(m -> concat(new byte[] {1}, bigEndian(8, m.length), m))
                        .orElse(new byte[1]);
        byte[] aggregate = aggregateKey.orElse(new byte[0]);
        byte[] extra = extraIn.orElse(new byte[0]);
        BigInteger[] k = new BigInteger[2];
        for (byte i = 0; i < 2; i++) {
            byte[] digest =
                    hash(
                            "MuSig/nonce",
                            rand,
                            bigEndian(1, publicKey.length),
                            publicKey,
                            bigEndian(1, aggregate.length),
                            aggregate,
                            prefixedMessage,
                            bigEndian(4, extra.length),
                            extra,
                            new byte[] {i});
            k[i] = new BigInteger(1, digest).mod(N);
        }
        return of(k[0], k[1], publicKey);
    }

    static Nonce of(BigInteger k1, BigInteger k2, byte[] publicKey) {
        return new Nonce(
                Bytes.wrap(concat(bytes32(k1), bytes32(k2), publicKey)),
                Bytes.wrap(concat(G.multiply(k1).bytes33(), G.multiply(k2).bytes33())));
    }

    /// NonceAgg.
    public static byte[] aggregate(List<byte[]> nonces) {
        byte[] out = new byte[0];
        for (int half = 0; half < 2; half++) {
            Point sum = Point.INFINITY;
            for (int i = 0; i < nonces.size(); i++) {
                int signer = i;
                sum =
                        sum.add(
                                Point.parse(half(nonces.get(i), half))
                                        .orElseThrow(
                                                () -> new InvalidContribution(signer, "pubnonce")));
            }
            out = concat(out, sum.bytes33Extended());
        }
        return out;
    }

    static byte[] half(byte[] nonce, int which) {
        return Arrays.copyOfRange(nonce, 33 * which, 33 * which + 33);
    }

    private static byte[] bigEndian(int width, long value) {
        byte[] all = ByteBuffer.allocate(8).putLong(value).array();
        return Arrays.copyOfRange(all, 8 - width, 8);
    }
}
