package org.tutti.libp2p.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.Hostile;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.identity.EnvelopeException.Code;

import tools.jackson.databind.JsonNode;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;

class SignedEnvelopeTest {
    private static final JsonNode GO = Vectors.json("libp2p/signed_peer_record_go.json");
    private static final Bytes TYPE = Bytes.fromHex("0399");
    private static final Bytes PAYLOAD = Bytes.wrap("pay bob".getBytes(StandardCharsets.UTF_8));
    private final PrivateKey alice = Keys.generate(KeyType.ED25519, new SecureRandom());

    @Test
    void gosEnvelopeIsReadVerifiedAndWrittenByteForByte() throws Exception {
        SignedEnvelope envelope = SignedEnvelope.decode(hex("envelope_hex"));
        assertThat(envelope.key().toProtobuf()).isEqualTo(hex("public_key_protobuf_hex"));
        assertThat(envelope.payloadType()).isEqualTo(hex("payload_type_hex"));
        assertThat(envelope.payload()).isEqualTo(hex("payload_hex"));
        assertThat(envelope.signature()).isEqualTo(hex("signature_hex"));
        assertThat(envelope.signer()).hasToString(GO.get("peer_id").asString());
        envelope.verify(GO.get("domain").asString());
        envelope.verify(GO.get("domain").asString(), hex("payload_type_hex"));
        assertThat(envelope.encode()).isEqualTo(hex("envelope_hex"));
        assertThat(
                        envelope.key()
                                .verify(
                                        hex("signed_message_hex").toArray(),
                                        envelope.signature().toArray()))
                .isTrue();
    }

    @Test
    void withGosKeyWeSealGosEnvelope() throws Exception {
        PrivateKey key = Keys.privateFromProtobuf(hex("private_key_protobuf_hex").toArray());
        SignedEnvelope envelope =
                SignedEnvelope.seal(
                        key,
                        GO.get("domain").asString(),
                        hex("payload_type_hex"),
                        hex("payload_hex"));
        assertThat(envelope.encode()).isEqualTo(hex("envelope_hex"));
    }

    @Test
    void whatAliceSealsVerifiesUnderItsDomainAlone() throws Exception {
        SignedEnvelope sealed = SignedEnvelope.seal(alice, "tutti-test", TYPE, PAYLOAD);
        SignedEnvelope read = SignedEnvelope.decode(sealed.encode());
        assertThat(read).isEqualTo(sealed);
        read.verify("tutti-test", TYPE);
        assertRefused(Code.SIGNATURE, () -> read.verify("tutti-tes"));
        assertRefused(Code.PAYLOAD_TYPE, () -> read.verify("tutti-test", PAYLOAD));
    }

    @Test
    void malloryCanChangeNoPartOfIt() {
        SignedEnvelope sealed = SignedEnvelope.seal(alice, "tutti-test", TYPE, PAYLOAD);
        PublicKey mallory = Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey();
        List<SignedEnvelope> changed =
                List.of(
                        new SignedEnvelope(mallory, TYPE, PAYLOAD, sealed.signature()),
                        new SignedEnvelope(sealed.key(), PAYLOAD, PAYLOAD, sealed.signature()),
                        new SignedEnvelope(sealed.key(), TYPE, TYPE, sealed.signature()),
                        new SignedEnvelope(sealed.key(), TYPE, PAYLOAD, Bytes.EMPTY),
                        // The boundary between type and payload moved by one byte.
                        new SignedEnvelope(
                                sealed.key(),
                                TYPE.slice(0, 1),
                                Bytes.concat(TYPE.slice(1, 2), PAYLOAD),
                                sealed.signature()));
        for (SignedEnvelope envelope : changed) {
            assertRefused(Code.SIGNATURE, () -> envelope.verify("tutti-test"));
        }
    }

    @Test
    void anEnvelopeNeedsADomain() {
        assertThatThrownBy(() -> SignedEnvelope.seal(alice, "", TYPE, PAYLOAD))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatIsNoEnvelopeIsRefused() {
        assertRefused(Code.KEY, () -> SignedEnvelope.decode(Bytes.EMPTY));
        assertRefused(Code.KEY, () -> SignedEnvelope.decode(Bytes.fromHex("0a020801")));
        assertRefused(Code.MALFORMED, () -> SignedEnvelope.decode(Bytes.fromHex("ff")));
        Bytes tooLong = Bytes.wrap(new byte[SignedEnvelope.MAX_LENGTH + 1]);
        assertRefused(Code.MALFORMED, () -> SignedEnvelope.decode(tooLong));
    }

    @Test
    void hostileBytesAreNeverAVerifiedEnvelopeUnlessTheSignedPartIsIntact() throws Exception {
        SignedEnvelope original = SignedEnvelope.decode(hex("envelope_hex"));
        String domain = GO.get("domain").asString();
        new Hostile(6)
                .feed(
                        4_000,
                        List.of(hex("envelope_hex").toArray()),
                        input -> {
                            try {
                                SignedEnvelope envelope = SignedEnvelope.decode(Bytes.of(input));
                                envelope.verify(domain);
                                assertThat(envelope).isEqualTo(original);
                            } catch (EnvelopeException expected) {
                                assertThat(expected.getMessage()).isNotBlank();
                            }
                        });
    }

    /// A lambda that may throw.
    private interface Attempt {
        void run() throws Exception;
    }

    private static void assertRefused(Code code, Attempt attempt) {
        assertThatThrownBy(attempt::run)
                .isInstanceOf(EnvelopeException.class)
                .extracting("code")
                .isEqualTo(code);
    }

    private static Bytes hex(String name) {
        return Bytes.fromHex(GO.get(name).asString());
    }
}
