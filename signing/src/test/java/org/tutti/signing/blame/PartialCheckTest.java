package org.tutti.signing.blame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SigningRequest;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// BIP327's vectors for signing and partial signature verification, as far as their messages have
/// 32 bytes.
class PartialCheckTest {
    private final JsonNode vectors = read();

    private static JsonNode read() {
        try {
            Path root =
                    Path.of(Objects.requireNonNull(System.getProperty("tutti.vectors"), "vectors"));
            return JsonMapper.shared()
                    .readTree(Files.readString(root.resolve("bip327/sign_verify_vectors.json")));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private List<Bytes> pick(String pool, JsonNode indices) {
        List<Bytes> picked = new ArrayList<>();
        indices.forEach(i -> picked.add(bytes(vectors.get(pool).get(i.asInt()))));
        return picked;
    }

    private static Bytes bytes(JsonNode hex) {
        return Bytes.fromHex(hex.asString());
    }

    private static SigningRequest request(Bytes message) throws Exception {
        return GroupFixture.requestOf(
                GroupFixture.groupOf(1, List.of()),
                PeerId.parse("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA"),
                Bytes.wrap(new byte[32]),
                Instant.EPOCH,
                Instant.EPOCH,
                List.of(new MessageToSign(message, KeyTweak.none())),
                "test",
                Bytes.EMPTY);
    }

    private String findBad(JsonNode vector, Bytes signature) throws Exception {
        List<PublicKey> keys = new ArrayList<>();
        for (Bytes key : pick("pubkeys", vector.get("key_indices"))) {
            keys.add(PublicKey.parse(key));
        }
        List<List<Bytes>> nonces =
                pick("pnonces", vector.get("nonce_indices")).stream().map(List::of).toList();
        Bytes message = bytes(vectors.get("msgs").get(vector.get("msg_index").asInt()));
        return PartialCheck.findBad(
                request(message),
                keys,
                nonces,
                vector.get("signer_index").asInt(),
                List.of(signature));
    }

    private boolean messageHas32Bytes(JsonNode vector) {
        return bytes(vectors.get("msgs").get(vector.get("msg_index").asInt())).length() == 32;
    }

    @Test
    void validPartialSignaturesOfBip327AreNotBad() {
        int checked = 0;
        for (JsonNode vector : vectors.get("valid_test_cases")) {
            if (messageHas32Bytes(vector)) {
                checked++;
                assertThatThrownBy(() -> findBad(vector, bytes(vector.get("expected"))))
                        .isInstanceOf(NotProvenException.class)
                        .hasMessage("the partial signatures verify");
            }
        }
        assertThat(checked).isGreaterThanOrEqualTo(4);
    }

    @Test
    void wrongPartialSignaturesOfBip327AreFound() throws Exception {
        int found = 0;
        for (JsonNode vector : vectors.get("verify_fail_test_cases")) {
            Bytes signature = bytes(vector.get("sig"));
            if (PartialCheck.badScalars(List.of(signature), 1).isPresent()) {
                assertThat(vector.get("comment").asString()).contains("exceeds group size");
                continue;
            }
            found++;
            assertThat(findBad(vector, signature))
                    .isEqualTo("sent a partial signature for message 0 that does not verify");
        }
        assertThat(found).isEqualTo(2);
    }

    @Test
    void invalidNonceOfBip327IsFoundInItsContribution() {
        JsonNode vector = vectors.get("verify_error_test_cases").get(0);
        List<Bytes> nonces = pick("pnonces", vector.get("nonce_indices"));
        assertThat(PartialCheck.badNonces(nonces.subList(0, 1), 1))
                .contains("sent a nonce that is not two points");
        assertThat(PartialCheck.badNonces(nonces.subList(1, 3), 2)).isEmpty();
        assertThatThrownBy(() -> findBad(vector, bytes(vector.get("sig"))))
                .isInstanceOf(NotProvenException.class)
                .hasMessageContaining("cannot be rebuilt");
    }

    @Test
    void wrongNumbersAreFound() throws Exception {
        Bytes one = Bytes.wrap(new byte[32]);
        assertThat(PartialCheck.badNonces(List.of(), 1)).contains("sent 0 nonces for 1 messages");
        assertThat(PartialCheck.badScalars(List.of(one, one), 1))
                .contains("sent 2 partial signatures for 1 messages");
        assertThat(PartialCheck.badScalars(List.of(one), 1)).isEmpty();
        SigningRequest request = request(one);
        assertThatThrownBy(() ->
                        PartialCheck.findBad(request, List.of(), List.of(), 0, List.of(one, one)))
                .isInstanceOf(NotProvenException.class);
    }
}
