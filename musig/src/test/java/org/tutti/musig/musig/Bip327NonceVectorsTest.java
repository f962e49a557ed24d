package org.tutti.musig.musig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.internal.secp256k1.LibSecp256k1;
import org.tutti.musig.internal.secp256k1.Scratch;
import org.tutti.musig.internal.secp256k1.Sizes;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.reference.InvalidContribution;
import org.tutti.musig.reference.ReferenceNonces;
import org.tutti.musig.vectors.VectorCount;
import org.tutti.musig.vectors.Vectors;

import tools.jackson.databind.JsonNode;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

class Bip327NonceVectorsTest {
    @Test
    void noncesAreAggregatedAndBadOnesBlamed() throws MusigException {
        String name = "bip327/nonce_agg_vectors.json";
        VectorCount tally = new VectorCount(name);
        JsonNode file = Vectors.json(name);
        for (JsonNode test : Vectors.all(file.get("valid_test_cases"))) {
            List<Bytes> nonces = Vectors.pick(file.get("pnonces"), test.get("pnonce_indices"));
            Bytes expected = Vectors.bytes(test.get("expected"));
            AggregateNonce sum = AggregateNonce.of(PublicNonce.parseAll(nonces));
            assertThat(sum.bytes()).isEqualTo(expected);
            assertThat(AggregateNonce.parse(expected)).isEqualTo(sum);
            assertThat(Bytes.wrap(ReferenceNonces.aggregate(Vectors.arrays(nonces))))
                    .isEqualTo(expected);
            tally.natively();
        }
        for (JsonNode test : Vectors.all(file.get("error_test_cases"))) {
            List<Bytes> nonces = Vectors.pick(file.get("pnonces"), test.get("pnonce_indices"));
            int signer = test.get("error").get("signer").asInt();
            assertThat(catchThrowable(() -> PublicNonce.parseAll(nonces)))
                    .isInstanceOfSatisfying(
                            MusigException.class,
                            e -> {
                                assertThat(e.signer()).isEqualTo(signer);
                                assertThat(e.contribution())
                                        .isEqualTo(MusigException.Contribution.PUBLIC_NONCE);
                            });
            assertThat(catchThrowable(() -> ReferenceNonces.aggregate(Vectors.arrays(nonces))))
                    .isInstanceOfSatisfying(
                            InvalidContribution.class,
                            e -> assertThat(e.signer()).isEqualTo(signer));
            tally.natively();
        }
        tally.print();
    }

    @Test
    void noncesComeFromAllThatIsHashed() throws KeyException {
        String name = "bip327/nonce_gen_vectors.json";
        VectorCount tally = new VectorCount(name);
        for (JsonNode test : Vectors.all(Vectors.json(name).get("test_cases"))) {
            ReferenceNonces.Nonce nonce =
                    ReferenceNonces.generate(
                            Vectors.bytes(test.get("rand_")).toArray(),
                            Vectors.maybe(test.get("sk")).map(Bytes::toArray),
                            Vectors.bytes(test.get("pk")).toArray(),
                            Vectors.maybe(test.get("aggpk")).map(Bytes::toArray),
                            Vectors.maybe(test.get("msg")).map(Bytes::toArray),
                            Vectors.maybe(test.get("extra_in")).map(Bytes::toArray));
            assertThat(nonce.secret()).isEqualTo(Vectors.bytes(test.get("expected_secnonce")));
            assertThat(nonce.pub()).isEqualTo(Vectors.bytes(test.get("expected_pubnonce")));
            Optional<Bytes> message = Vectors.maybe(test.get("msg"));
            if (message.isPresent() && message.get().length() != 32) {
                tally.onReference("the message does not have 32 bytes");
            } else if (Vectors.maybe(test.get("extra_in"))
                    .filter(e -> e.length() != 32)
                    .isPresent()) {
                tally.onReference("the extra input does not have 32 bytes");
            } else if (Vectors.maybe(test.get("aggpk"))
                    .filter(NativeState::isNoCoordinate)
                    .isPresent()) {
                tally.onReference("the aggregate key is not a field element");
            } else {
                natively(test, message);
                tally.natively();
            }
        }
        tally.print();
    }

    /// On the binding, because the public way draws its own randomness and leaves nothing out.
    private static void natively(JsonNode test, Optional<Bytes> message) throws KeyException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment secretNonce = arena.allocate(Sizes.SECRET_NONCE);
            MemorySegment publicNonce = arena.allocate(Sizes.PUBLIC_NONCE);
            MemorySegment random = bytes(arena, Vectors.maybe(test.get("rand_")));
            MemorySegment key = arena.allocate(Sizes.PUBLIC_KEY);
            PublicKey.parse(Vectors.bytes(test.get("pk"))).writeTo(key, 0);
            Optional<Bytes> cache =
                    Vectors.maybe(test.get("aggpk"))
                            .map(aggpk -> Bytes.wrap(NativeState.cacheWithKey(aggpk)));
            boolean made =
                    LibSecp256k1.generateNonce(
                            secretNonce,
                            publicNonce,
                            random,
                            bytes(arena, Vectors.maybe(test.get("sk"))),
                            key,
                            bytes(arena, message),
                            bytes(arena, cache),
                            bytes(arena, Vectors.maybe(test.get("extra_in"))));
            assertThat(made).isTrue();
            assertThat(Bytes.wrap(Scratch.get(random, 32)))
                    .as("the randomness is wiped")
                    .isEqualTo(Bytes.wrap(new byte[32]));
            MemorySegment out = arena.allocate(66);
            assertThat(LibSecp256k1.serializePublicNonce(out, publicNonce)).isTrue();
            assertThat(Bytes.wrap(Scratch.get(out, 66)))
                    .isEqualTo(Vectors.bytes(test.get("expected_pubnonce")));
            assertThat(NativeState.scalars(secretNonce))
                    .isEqualTo(Vectors.bytes(test.get("expected_secnonce")).slice(0, 64));
        }
    }

    private static MemorySegment bytes(Arena arena, Optional<Bytes> bytes) {
        return bytes.map(b -> Scratch.put(arena.allocate(b.length()), b.toArray()))
                .orElse(MemorySegment.NULL);
    }
}
