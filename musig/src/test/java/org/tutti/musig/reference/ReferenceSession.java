package org.tutti.musig.reference;

import static org.tutti.musig.reference.Point.G;
import static org.tutti.musig.reference.Point.N;
import static org.tutti.musig.reference.Point.bytes32;
import static org.tutti.musig.reference.ReferenceSchnorr.concat;
import static org.tutti.musig.reference.ReferenceSchnorr.hash;

import org.tutti.base.Bytes;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// BIP327's Session Context with its values: Sign, PartialSigVerify, PartialSigAgg,
/// DeterministicSign. Messages of any length.
public final class ReferenceSession {
    private final ReferenceKeyAgg context;
    private final byte[] message;
    private final BigInteger b;
    private final Point r;
    private final BigInteger e;

    /// GetSessionValues.
    public ReferenceSession(ReferenceKeyAgg context, byte[] aggregateNonce, byte[] message) {
        this.context = context;
        this.message = message.clone();
        byte[] key = context.xOnlyKey();
        this.b = new BigInteger(1, hash("MuSig/noncecoef", aggregateNonce, key, message)).mod(N);
        Point one = extended(aggregateNonce, 0);
        Point two = extended(aggregateNonce, 1);
        Point sum = one.add(two.multiply(b));
        this.r = sum.isInfinity() ? G : sum;
        this.e = ReferenceSchnorr.challenge(r.xBytes(), key, message);
    }

    private static Point extended(byte[] aggregateNonce, int half) {
        return Point.parseExtended(ReferenceNonces.half(aggregateNonce, half))
                .orElseThrow(() -> new InvalidContribution(-1, "aggnonce"));
    }

    /// Sign. `secretNonce` is k1, k2, public key.
    public byte[] sign(byte[] secretNonce, byte[] secretKey) {
        BigInteger k1 = inRange(Arrays.copyOf(secretNonce, 32), "first secnonce value");
        BigInteger k2 = inRange(Arrays.copyOfRange(secretNonce, 32, 64), "second secnonce value");
        BigInteger secret = inRange(secretKey, "secret key value");
        byte[] key = G.multiply(secret).bytes33();
        if (!Arrays.equals(key, Arrays.copyOfRange(secretNonce, 64, 97))) {
            throw new IllegalArgumentException("Public key does not match nonce_gen argument");
        }
        requireMember(key);
        BigInteger a = ReferenceKeyAgg.coefficient(context.keys(), key);
        BigInteger d = context.sign().multiply(context.gacc()).multiply(secret);
        BigInteger nonce1 = r.hasEvenY() ? k1 : N.subtract(k1);
        BigInteger nonce2 = r.hasEvenY() ? k2 : N.subtract(k2);
        return bytes32(nonce1.add(b.multiply(nonce2)).add(e.multiply(a).multiply(d)).mod(N));
    }

    private static BigInteger inRange(byte[] bytes, String what) {
        BigInteger value = new BigInteger(1, bytes);
        if (value.signum() == 0 || value.compareTo(N) >= 0) {
            throw new IllegalArgumentException(what + " is out of range.");
        }
        return value;
    }

    private void requireMember(byte[] key) {
        if (context.keys().stream().noneMatch(k -> Arrays.equals(k, key))) {
            throw new IllegalArgumentException(
                    "The signer's pubkey must be included in the list of pubkeys.");
        }
    }

    /// PartialSigVerifyInternal.
    public boolean verify(byte[] partial, byte[] publicNonce, byte[] key, int signer) {
        BigInteger s = new BigInteger(1, partial);
        if (s.compareTo(N) >= 0) {
            return false;
        }
        Point one = nonce(publicNonce, 0, signer);
        Point two = nonce(publicNonce, 1, signer);
        Point sum = one.add(two.multiply(b));
        Point effective = r.hasEvenY() ? sum : sum.negate();
        Point point = Point.parse(key).orElseThrow(() -> new InvalidContribution(signer, "pubkey"));
        requireMember(key);
        BigInteger a = ReferenceKeyAgg.coefficient(context.keys(), key);
        BigInteger g = context.sign().multiply(context.gacc()).mod(N);
        Point right = effective.add(point.multiply(e.multiply(a).multiply(g).mod(N)));
        return G.multiply(s).equals(right);
    }

    private static Point nonce(byte[] publicNonce, int half, int signer) {
        return Point.parse(ReferenceNonces.half(publicNonce, half))
                .orElseThrow(() -> new InvalidContribution(signer, "pubnonce"));
    }

    /// PartialSigAgg: the 64-byte signature.
    public byte[] aggregate(List<byte[]> partials) {
        BigInteger sum = e.multiply(context.sign()).multiply(context.tacc());
        for (int i = 0; i < partials.size(); i++) {
            BigInteger s = new BigInteger(1, partials.get(i));
            if (s.compareTo(N) >= 0) {
                throw new InvalidContribution(i, "psig");
            }
            sum = sum.add(s);
        }
        return concat(r.xBytes(), bytes32(sum.mod(N)));
    }

    /// The message.
    public byte[] message() {
        return message.clone();
    }

    /// What the last signer of DeterministicSign sends.
    public record Deterministic(Bytes publicNonce, Bytes partial) {}

    /// DeterministicSign: the last signer, who knows everybody else's nonces.
    public static Deterministic signDeterministically(
            byte[] secretKey,
            byte[] aggregateOtherNonce,
            ReferenceKeyAgg context,
            byte[] message,
            Optional<byte[]> random) {
        byte[] masked =
                random.map(r -> ReferenceSchnorr.xor(secretKey, hash("MuSig/aux", r)))
                        .orElse(secretKey);
        BigInteger[] k = new BigInteger[2];
        for (byte i = 0; i < 2; i++) {
            byte[] length = ByteBuffer.allocate(8).putLong(message.length).array();
            byte[] digest =
                    hash(
                            "MuSig/deterministic/nonce",
                            masked,
                            aggregateOtherNonce,
                            context.xOnlyKey(),
                            length,
                            message,
                            new byte[] {i});
            k[i] = new BigInteger(1, digest).mod(N);
        }
        byte[] key = G.multiply(new BigInteger(1, secretKey)).bytes33();
        ReferenceNonces.Nonce own = ReferenceNonces.of(k[0], k[1], key);
        byte[] aggregate;
        try {
            aggregate =
                    ReferenceNonces.aggregate(List.of(own.pub().toArray(), aggregateOtherNonce));
        } catch (InvalidContribution invalid) {
            throw new InvalidContribution(-1, "aggothernonce");
        }
        ReferenceSession session = new ReferenceSession(context, aggregate, message);
        return new Deterministic(
                own.pub(), Bytes.wrap(session.sign(own.secret().toArray(), secretKey)));
    }
}
