package org.tutti.musig.musig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.reference.InvalidContribution;
import org.tutti.musig.reference.ReferenceKeyAgg;
import org.tutti.musig.reference.ReferenceNonces;
import org.tutti.musig.reference.ReferenceSession;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.musig.vectors.VectorCount;
import org.tutti.musig.vectors.Vectors;

import tools.jackson.databind.JsonNode;

import java.util.List;

/// The vectors of PartialSigAgg and of DeterministicSign.
class Bip327AggregateVectorsTest {
    @Test
    void partialSignaturesAddUpToSignatures() throws Exception {
        String name = "bip327/sig_agg_vectors.json";
        VectorCount tally = new VectorCount(name);
        JsonNode file = Vectors.json(name);
        for (JsonNode test : Vectors.all(file.get("valid_test_cases"))) {
            List<Bytes> partials = Vectors.pick(file.get("psigs"), test.get("psig_indices"));
            Bytes expected = Vectors.bytes(test.get("expected"));
            byte[] sum = reference(file, test).aggregate(Vectors.arrays(partials));
            assertThat(Bytes.wrap(sum)).isEqualTo(expected);
            Bytes message = Vectors.bytes(file.get("msg"));
            assertThat(
                            Schnorr.verify(
                                    context(file, test).xOnlyKey(),
                                    message.toArray(),
                                    new SchnorrSignature(expected)))
                    .isTrue();
            if (message.length() != 32) {
                tally.onReference("the message does not have 32 bytes");
                continue;
            }
            SigningSession session = session(file, test);
            assertThat(session.aggregate(PartialSignature.parseAll(partials)).bytes())
                    .isEqualTo(expected);
            tally.natively();
        }
        for (JsonNode test : Vectors.all(file.get("error_test_cases"))) {
            List<Bytes> partials = Vectors.pick(file.get("psigs"), test.get("psig_indices"));
            int signer = test.get("error").get("signer").asInt();
            assertThat(catchThrowable(() -> PartialSignature.parseAll(partials)))
                    .isInstanceOfSatisfying(
                            MusigException.class, e -> assertThat(e.signer()).isEqualTo(signer));
            assertThat(
                            catchThrowable(() ->
                                    reference(file, test).aggregate(Vectors.arrays(partials))))
                    .isInstanceOfSatisfying(
                            InvalidContribution.class,
                            e -> assertThat(e.signer()).isEqualTo(signer));
            tally.natively();
        }
        tally.print();
    }

    private static KeyAggContext context(JsonNode file, JsonNode test) throws Exception {
        KeyAggContext context =
                KeyAggContext.of(
                        PublicKey.parseAll(
                                Vectors.pick(file.get("pubkeys"), test.get("key_indices"))));
        return Bip327KeyVectorsTest.tweak(
                context, Vectors.pick(file.get("tweaks"), test.get("tweak_indices")), flags(test));
    }

    private static SigningSession session(JsonNode file, JsonNode test) throws Exception {
        AggregateNonce nonce =
                AggregateNonce.of(
                        PublicNonce.parseAll(
                                Vectors.pick(file.get("pnonces"), test.get("nonce_indices"))));
        assertThat(nonce.bytes()).isEqualTo(Vectors.bytes(test.get("aggnonce")));
        return SigningSession.of(context(file, test), nonce, Vectors.bytes(file.get("msg")));
    }

    private static ReferenceSession reference(JsonNode file, JsonNode test) {
        ReferenceKeyAgg context =
                ReferenceKeyAgg.of(
                                Vectors.arrays(
                                        Vectors.pick(file.get("pubkeys"), test.get("key_indices"))))
                        .tweak(
                                Vectors.arrays(
                                        Vectors.pick(
                                                file.get("tweaks"), test.get("tweak_indices"))),
                                flags(test));
        return new ReferenceSession(
                context,
                Vectors.bytes(test.get("aggnonce")).toArray(),
                Vectors.bytes(file.get("msg")).toArray());
    }

    private static List<Boolean> flags(JsonNode test) {
        return Vectors.all(test.get("is_xonly")).stream().map(JsonNode::asBoolean).toList();
    }

    @Test
    void theLastSignerMaySignDeterministicallyOnTheReference() throws Exception {
        String name = "bip327/det_sign_vectors.json";
        VectorCount tally = new VectorCount(name);
        JsonNode file = Vectors.json(name);
        for (JsonNode test : Vectors.all(file.get("valid_test_cases"))) {
            ReferenceSession.Deterministic made = deterministic(file, test);
            assertThat(made.publicNonce()).isEqualTo(Vectors.bytes(test.get("expected").get(0)));
            assertThat(made.partial()).isEqualTo(Vectors.bytes(test.get("expected").get(1)));
            theNativeLibraryAcceptsIt(file, test, made);
            tally.onReference("the library does not sign deterministically, nor do we");
        }
        for (JsonNode test : Vectors.all(file.get("error_test_cases"))) {
            JsonNode error = test.get("error");
            Throwable thrown = catchThrowable(() -> deterministic(file, test));
            if (error.get("type").asString().equals("value")) {
                assertThat(thrown).hasMessage(error.get("message").asString());
            } else {
                int signer = error.get("signer").isNull() ? -1 : error.get("signer").asInt();
                assertThat(thrown)
                        .isInstanceOfSatisfying(
                                InvalidContribution.class,
                                e -> {
                                    assertThat(e.signer()).isEqualTo(signer);
                                    assertThat(e.contribution())
                                            .isEqualTo(error.get("contrib").asString());
                                });
            }
            tally.onReference("the library does not sign deterministically, nor do we");
        }
        tally.print();
    }

    private static ReferenceSession.Deterministic deterministic(JsonNode file, JsonNode test) {
        ReferenceKeyAgg context =
                ReferenceKeyAgg.of(
                                Vectors.arrays(
                                        Vectors.pick(file.get("pubkeys"), test.get("key_indices"))))
                        .tweak(Vectors.arrays(Vectors.list(test.get("tweaks"))), flags(test));
        return ReferenceSession.signDeterministically(
                Vectors.bytes(file.get("sk")).toArray(),
                Vectors.bytes(test.get("aggothernonce")).toArray(),
                context,
                Vectors.bytes(file.get("msgs").get(test.get("msg_index").asInt())).toArray(),
                Vectors.maybe(test.get("rand")).map(Bytes::toArray));
    }

    /// The other half of such a session is ordinary, so that our verification must agree.
    private static void theNativeLibraryAcceptsIt(
            JsonNode file, JsonNode test, ReferenceSession.Deterministic made) throws Exception {
        Bytes message = Vectors.bytes(file.get("msgs").get(test.get("msg_index").asInt()));
        if (message.length() != 32) {
            return;
        }
        KeyAggContext context =
                Bip327KeyVectorsTest.tweak(
                        KeyAggContext.of(
                                PublicKey.parseAll(
                                        Vectors.pick(
                                                file.get("pubkeys"), test.get("key_indices")))),
                        Vectors.list(test.get("tweaks")),
                        flags(test));
        Bytes sum =
                Bytes.wrap(
                        ReferenceNonces.aggregate(
                                List.of(
                                        made.publicNonce().toArray(),
                                        Vectors.bytes(test.get("aggothernonce")).toArray())));
        SigningSession session = SigningSession.of(context, AggregateNonce.parse(sum), message);
        try (SecretKey key = SecretKey.of(Vectors.bytes(file.get("sk")).toArray())) {
            assertThat(
                            session.verify(
                                    PartialSignature.parse(made.partial()),
                                    PublicNonce.parse(made.publicNonce()),
                                    key.publicKey()))
                    .isTrue();
        }
    }
}
