package org.tutti.musig.musig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.NativeLibraryException;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.reference.InvalidContribution;
import org.tutti.musig.reference.ReferenceKeyAgg;
import org.tutti.musig.reference.ReferenceSession;
import org.tutti.musig.vectors.VectorCount;
import org.tutti.musig.vectors.Vectors;

import tools.jackson.databind.JsonNode;

import java.util.List;

/// The vectors of Sign and PartialSigVerify, and of signing under tweaks.
class Bip327SignVectorsTest {
    private static final String SIGN = "bip327/sign_verify_vectors.json";
    private static final String OTHER_LENGTH = "the message does not have 32 bytes";
    private static final String TWEAK = "bip327/tweak_vectors.json";

    /// What one case says, picked from its file.
    private record Case(
            List<Bytes> keys,
            List<Bytes> nonces,
            List<Bytes> tweaks,
            List<Boolean> xOnly,
            Bytes message) {
        static Case of(JsonNode file, JsonNode test) {
            boolean tweaked = test.has("tweak_indices");
            return new Case(
                    Vectors.pick(file.get("pubkeys"), test.get("key_indices")),
                    test.has("nonce_indices")
                            ? Vectors.pick(file.get("pnonces"), test.get("nonce_indices"))
                            : List.of(),
                    tweaked
                            ? Vectors.pick(file.get("tweaks"), test.get("tweak_indices"))
                            : List.of(),
                    tweaked
                            ? Vectors.all(test.get("is_xonly")).stream()
                                    .map(JsonNode::asBoolean)
                                    .toList()
                            : List.of(),
                    test.has("msg_index")
                            ? Vectors.bytes(file.get("msgs").get(test.get("msg_index").asInt()))
                            : Vectors.bytes(file.get("msg")));
        }

        KeyAggContext context() throws KeyException {
            return Bip327KeyVectorsTest.tweak(
                    KeyAggContext.of(PublicKey.parseAll(keys)), tweaks, xOnly);
        }

        ReferenceSession reference(Bytes aggregateNonce) {
            return new ReferenceSession(
                    ReferenceKeyAgg.of(Vectors.arrays(keys)).tweak(Vectors.arrays(tweaks), xOnly),
                    aggregateNonce.toArray(),
                    message.toArray());
        }

        boolean isNative() {
            return message.length() == 32;
        }
    }

    @Test
    void everySignatureIsMadeAndVerified() throws Exception {
        VectorCount tally = new VectorCount(SIGN);
        JsonNode file = Vectors.json(SIGN);
        for (JsonNode test : Vectors.all(file.get("valid_test_cases"))) {
            Bytes aggregate =
                    Vectors.bytes(file.get("aggnonces").get(test.get("aggnonce_index").asInt()));
            // BIP327's file: the valid cases all sign with the first secret nonce.
            signs(file, test, aggregate, Vectors.bytes(file.get("secnonces").get(0)), tally);
        }
        for (JsonNode test : Vectors.all(file.get("sign_error_test_cases"))) {
            refusesToSign(file, test, tally);
        }
        for (JsonNode test : Vectors.all(file.get("verify_fail_test_cases"))) {
            doesNotVerify(file, test, tally);
        }
        for (JsonNode test : Vectors.all(file.get("verify_error_test_cases"))) {
            blamesWhenVerifying(file, test);
            tally.natively();
        }
        tally.print();
    }

    @Test
    void everyTweakedSignatureIsMadeAndVerified() throws Exception {
        VectorCount tally = new VectorCount(TWEAK);
        JsonNode file = Vectors.json(TWEAK);
        Bytes aggregate = Vectors.bytes(file.get("aggnonce"));
        for (JsonNode test : Vectors.all(file.get("valid_test_cases"))) {
            signs(file, test, aggregate, Vectors.bytes(file.get("secnonce")), tally);
        }
        for (JsonNode test : Vectors.all(file.get("error_test_cases"))) {
            Case given = Case.of(file, test);
            assertThat(catchThrowable(given::context)).isInstanceOf(InvalidTweakException.class);
            assertThat(catchThrowable(() -> given.reference(aggregate)))
                    .hasMessage(test.get("error").get("message").asString());
            tally.natively();
        }
        tally.print();
    }

    private static void signs(
            JsonNode file, JsonNode test, Bytes aggregate, Bytes secretNonce, VectorCount tally)
            throws Exception {
        Case given = Case.of(file, test);
        Bytes expected = Vectors.bytes(test.get("expected"));
        Bytes secretKey = Vectors.bytes(file.get("sk"));
        int signer = test.get("signer_index").asInt();
        ReferenceSession reference = given.reference(aggregate);
        byte[] partial = reference.sign(secretNonce.toArray(), secretKey.toArray());
        assertThat(Bytes.wrap(partial)).isEqualTo(expected);
        assertThat(
                        reference.verify(
                                partial,
                                given.nonces().get(signer).toArray(),
                                given.keys().get(signer).toArray(),
                                signer))
                .isTrue();
        if (!given.isNative()) {
            tally.onReference(OTHER_LENGTH);
            return;
        }
        List<PublicNonce> nonces = PublicNonce.parseAll(given.nonces());
        assertThat(AggregateNonce.of(nonces).bytes()).isEqualTo(aggregate);
        SigningSession session =
                SigningSession.of(given.context(), AggregateNonce.of(nonces), given.message());
        try (SecretKey key = SecretKey.of(secretKey.toArray())) {
            PartialSignature made = session.sign(NativeState.secretNonce(secretNonce), key);
            assertThat(made.bytes()).isEqualTo(expected);
            assertThat(session.verify(made, nonces.get(signer), key.publicKey())).isTrue();
        }
        tally.natively();
    }

    private static void refusesToSign(JsonNode file, JsonNode test, VectorCount tally) {
        Case given = Case.of(file, test);
        Bytes aggregate =
                Vectors.bytes(file.get("aggnonces").get(test.get("aggnonce_index").asInt()));
        Bytes secretNonce =
                Vectors.bytes(file.get("secnonces").get(test.get("secnonce_index").asInt()));
        Bytes secretKey = Vectors.bytes(file.get("sk"));
        Throwable onReference =
                catchThrowable(() ->
                        given.reference(aggregate)
                                .sign(secretNonce.toArray(), secretKey.toArray()));
        JsonNode error = test.get("error");
        boolean value = error.get("type").asString().equals("value");
        if (value) {
            assertThat(onReference).hasMessage(error.get("message").asString());
        } else {
            String contribution = error.get("contrib").asString();
            assertBlames(onReference, blamed(error), contribution);
        }
        if (!given.isNative()) {
            tally.onReference(OTHER_LENGTH);
            return;
        }
        if (!NativeState.isPossible(secretNonce)) {
            tally.onReference("the library does not look at the range of its own secret nonces");
            return;
        }
        Throwable natively =
                catchThrowable(() -> {
                    AggregateNonce nonce = AggregateNonce.parse(aggregate);
                    try (SecretKey key = SecretKey.of(secretKey.toArray())) {
                        SigningSession.of(given.context(), nonce, given.message())
                                .sign(NativeState.secretNonce(secretNonce), key);
                    }
                });
        if (value) {
            // A nonce of zeros is what a spent one looks like: the library refuses it.
            assertThat(natively)
                    .isInstanceOfAny(SigningRefusedException.class, NativeLibraryException.class);
        } else if (error.get("contrib").asString().equals("pubkey")) {
            assertThat(natively)
                    .isInstanceOfSatisfying(
                            KeyException.class,
                            e -> assertThat(e.index()).isEqualTo(blamed(error)));
        } else {
            assertThat(natively)
                    .isInstanceOfSatisfying(
                            MusigException.class,
                            e ->
                                    assertThat(e.contribution())
                                            .isEqualTo(
                                                    MusigException.Contribution.AGGREGATE_NONCE));
        }
        tally.natively();
    }

    /// The signer that a case blames; -1 for the aggregator, whom the files call null.
    private static int blamed(JsonNode error) {
        return error.get("signer").isNull() ? -1 : error.get("signer").asInt();
    }

    private static void doesNotVerify(JsonNode file, JsonNode test, VectorCount tally)
            throws Exception {
        Case given = Case.of(file, test);
        int signer = test.get("signer_index").asInt();
        Bytes signature = Vectors.bytes(test.get("sig"));
        List<PublicNonce> nonces = PublicNonce.parseAll(given.nonces());
        AggregateNonce aggregate = AggregateNonce.of(nonces);
        if (given.isNative()) {
            PublicKey key = PublicKey.parse(given.keys().get(signer));
            SigningSession session = SigningSession.of(given.context(), aggregate, given.message());
            assertThat(holds(session, signature, nonces.get(signer), key)).isFalse();
            tally.natively();
        } else {
            tally.onReference(OTHER_LENGTH);
        }
        assertThat(
                        given.reference(aggregate.bytes())
                                .verify(
                                        signature.toArray(),
                                        given.nonces().get(signer).toArray(),
                                        given.keys().get(signer).toArray(),
                                        signer))
                .isFalse();
    }

    private static boolean holds(
            SigningSession session, Bytes signature, PublicNonce nonce, PublicKey key) {
        try {
            return session.verify(PartialSignature.parse(signature), nonce, key);
        } catch (MusigException e) {
            return false;
        }
    }

    private static void blamesWhenVerifying(JsonNode file, JsonNode test) {
        Case given = Case.of(file, test);
        JsonNode error = test.get("error");
        int signer = error.get("signer").asInt();
        if (error.get("contrib").asString().equals("pubnonce")) {
            assertThat(catchThrowable(() -> PublicNonce.parseAll(given.nonces())))
                    .isInstanceOfSatisfying(
                            MusigException.class, e -> assertThat(e.signer()).isEqualTo(signer));
        } else {
            assertThat(catchThrowable(given::context))
                    .isInstanceOfSatisfying(
                            KeyException.class, e -> assertThat(e.index()).isEqualTo(signer));
        }
    }

    private static void assertBlames(Throwable error, int signer, String contribution) {
        assertThat(error)
                .isInstanceOfSatisfying(
                        InvalidContribution.class,
                        e -> {
                            assertThat(e.signer()).isEqualTo(signer);
                            assertThat(e.contribution()).isEqualTo(contribution);
                        });
    }
}
