package org.tutti.musig.musig;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.reference.ReferenceKeyAgg;
import org.tutti.musig.reference.ReferenceNonces;
import org.tutti.musig.reference.ReferenceSchnorr;
import org.tutti.musig.reference.ReferenceSession;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.musig.vectors.Vectors;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Seeded random sessions, run by us and by the plain reference: every value that both can see must
/// be the same. The seed of a failing case is its name.
class DifferentialTest {
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void everyStepOfARandomSessionIsTheReferences(long seed) throws Exception {
        RandomGenerator random = RandomGeneratorFactory.of("Xoshiro256PlusPlus").create(seed);
        int signers = 1 + random.nextInt(10);
        List<SecretKey> secrets = new ArrayList<>();
        List<Bytes> scalars = new ArrayList<>();
        for (int i = 0; i < signers; i++) {
            // Now and then a signer twice: BIP327 allows it.
            Bytes scalar = i > 0 && random.nextInt(5) == 0 ? scalars.getFirst() : bytes(random);
            scalars.add(scalar);
            secrets.add(SecretKey.of(scalar.toArray()));
        }
        List<PublicKey> keys = secrets.stream().map(SecretKey::publicKey).toList();
        List<Bytes> encoded = keys.stream().map(PublicKey::bytes).toList();
        KeyAggContext context = KeyAggContext.of(keys);
        ReferenceKeyAgg reference = ReferenceKeyAgg.of(Vectors.arrays(encoded));
        assertSameKey(context, reference);
        for (int i = random.nextInt(4); i > 0; i--) {
            boolean xOnly = random.nextBoolean();
            Bytes tweak = bytes(random);
            context = xOnly ? context.withXOnlyTweak(tweak) : context.withPlainTweak(tweak);
            reference = reference.tweak(tweak.toArray(), xOnly);
            assertSameKey(context, reference);
        }
        sign(random, secrets, scalars, context, reference);
    }

    private static void sign(
            RandomGenerator random,
            List<SecretKey> secrets,
            List<Bytes> scalars,
            KeyAggContext context,
            ReferenceKeyAgg reference)
            throws Exception {
        Bytes message = bytes(random);
        List<ReferenceNonces.Nonce> nonces = new ArrayList<>();
        for (SecretKey secret : secrets) {
            nonces.add(
                    ReferenceNonces.generate(
                            bytes(random).toArray(),
                            Optional.empty(),
                            secret.publicKey().bytes().toArray(),
                            Optional.of(reference.xOnlyKey()),
                            Optional.of(message.toArray()),
                            Optional.empty()));
        }
        List<Bytes> publicNonces = nonces.stream().map(ReferenceNonces.Nonce::pub).toList();
        AggregateNonce aggregate = AggregateNonce.of(PublicNonce.parseAll(publicNonces));
        byte[] referenceAggregate = ReferenceNonces.aggregate(Vectors.arrays(publicNonces));
        assertThat(aggregate.bytes()).isEqualTo(Bytes.wrap(referenceAggregate));
        SigningSession session = SigningSession.of(context, aggregate, message);
        ReferenceSession other =
                new ReferenceSession(reference, referenceAggregate, message.toArray());
        List<PartialSignature> partials = new ArrayList<>();
        List<byte[]> referencePartials = new ArrayList<>();
        for (int i = 0; i < secrets.size(); i++) {
            ReferenceNonces.Nonce nonce = nonces.get(i);
            PartialSignature partial =
                    session.sign(NativeState.secretNonce(nonce.secret()), secrets.get(i));
            byte[] referencePartial =
                    other.sign(nonce.secret().toArray(), scalars.get(i).toArray());
            assertThat(partial.bytes()).isEqualTo(Bytes.wrap(referencePartial));
            assertBothVerify(session, other, partial, nonce.pub(), secrets.get(i), i);
            partials.add(partial);
            referencePartials.add(referencePartial);
        }
        SchnorrSignature signature = session.aggregate(partials);
        assertThat(signature.bytes()).isEqualTo(Bytes.wrap(other.aggregate(referencePartials)));
        assertThat(Schnorr.verify(context.xOnlyKey(), message.toArray(), signature)).isTrue();
        assertThat(
                        ReferenceSchnorr.verify(
                                reference.xOnlyKey(),
                                message.toArray(),
                                signature.bytes().toArray()))
                .isTrue();
    }

    private static void assertBothVerify(
            SigningSession session,
            ReferenceSession reference,
            PartialSignature partial,
            Bytes nonce,
            SecretKey signer,
            int place)
            throws Exception {
        byte[] key = signer.publicKey().bytes().toArray();
        PublicNonce parsed = PublicNonce.parse(nonce);
        byte[] tampered = partial.bytes().toArray();
        assertThat(session.verify(partial, parsed, signer.publicKey())).isTrue();
        assertThat(reference.verify(tampered, nonce.toArray(), key, place)).isTrue();
        tampered[31] ^= 1;
        assertThat(
                        session.verify(
                                PartialSignature.parse(Bytes.wrap(tampered)),
                                parsed,
                                signer.publicKey()))
                .isFalse();
        assertThat(reference.verify(tampered, nonce.toArray(), key, place)).isFalse();
    }

    @Test
    void schnorrSignaturesOverMessagesOfAnyLengthAreTheReferences() throws Exception {
        RandomGenerator random = RandomGeneratorFactory.of("Xoshiro256PlusPlus").create(340);
        for (int length : new int[] {0, 1, 31, 32, 33, 64, 1000, 1024, 1025, 5000}) {
            byte[] message = new byte[length];
            random.nextBytes(message);
            Bytes scalar = bytes(random);
            byte[] aux = bytes(random).toArray();
            try (SecretKey key = SecretKey.of(scalar.toArray())) {
                SchnorrSignature signature = Schnorr.sign(key, message, aux);
                assertThat(signature.bytes())
                        .isEqualTo(
                                Bytes.wrap(ReferenceSchnorr.sign(scalar.toArray(), message, aux)));
                assertThat(Schnorr.verify(key.publicKey().xOnly(), message, signature)).isTrue();
                byte[] longer = Arrays.copyOf(message, length + 1);
                assertThat(Schnorr.verify(key.publicKey().xOnly(), longer, signature)).isFalse();
            }
        }
    }

    @Test
    void sumsModuloTheOrderAreThoseOfBigInteger() {
        RandomGenerator random = RandomGeneratorFactory.of("Xoshiro256PlusPlus").create(327);
        BigInteger n =
                new BigInteger(
                        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
        List<BigInteger> values = new ArrayList<>();
        for (int edge = 0; edge < 4; edge++) {
            values.add(BigInteger.valueOf(edge));
            values.add(n.subtract(BigInteger.valueOf(edge + 1)));
            values.add(n.shiftRight(1).add(BigInteger.valueOf(edge)));
            values.add(BigInteger.ONE.shiftLeft(64 * edge).subtract(values.getFirst()));
        }
        for (int i = 0; i < 200; i++) {
            values.add(new BigInteger(1, bytes(random).toArray()).mod(n));
        }
        for (BigInteger one : values) {
            for (BigInteger other : values) {
                byte[] sum = new byte[32];
                scalar(one).plus(scalar(other)).writeTo(sum, 0);
                assertThat(new BigInteger(1, sum)).isEqualTo(one.add(other).mod(n));
            }
        }
    }

    private static Scalar scalar(BigInteger number) {
        return Scalar.of(Bytes.fromHex(String.format("%064x", number)).toArray());
    }

    private static void assertSameKey(KeyAggContext context, ReferenceKeyAgg reference) {
        assertThat(context.aggregateKey().bytes()).isEqualTo(Bytes.wrap(reference.plainKey()));
    }

    /// 32 bytes that are a scalar: the top byte is never ff.
    private static Bytes bytes(RandomGenerator random) {
        byte[] out = new byte[32];
        random.nextBytes(out);
        out[0] &= 0x7f;
        return Bytes.wrap(out);
    }
}
