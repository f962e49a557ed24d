package org.tutti.libp2p.kad.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tutti.libp2p.kad.record.RecordFixtures.ALICE;
import static org.tutti.libp2p.kad.record.RecordFixtures.MALLORY;
import static org.tutti.libp2p.kad.record.RecordFixtures.MILLIS;
import static org.tutti.libp2p.kad.record.RecordFixtures.NOW;
import static org.tutti.libp2p.kad.record.RecordFixtures.id;
import static org.tutti.libp2p.kad.record.RecordFixtures.keyOf;
import static org.tutti.libp2p.kad.record.RecordFixtures.record;
import static org.tutti.libp2p.kad.record.RecordFixtures.text;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.libp2p.kad.record.InvalidRecordException.Code;

import java.security.SecureRandom;
import java.util.List;

class RecordValidatorsTest {
    private static final RecordValidators BOTH =
            RecordValidators.of(new PublicKeyValidator(), RecordFixtures.VALIDATOR);

    private static void refused(Code code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        InvalidRecordException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void eachNamespaceIsJudgedByItsOwnValidator() throws Exception {
        Bytes record = record(ALICE, MILLIS, "one").seal(ALICE);
        Bytes publicKey = ALICE.publicKey().toProtobuf();
        Bytes pk = PublicKeyValidator.keyOf(id(ALICE));
        assertThat(BOTH.validate(keyOf(ALICE), record, NOW).author()).contains(id(ALICE));
        assertThat(BOTH.validate(pk, publicKey, NOW).author()).contains(id(ALICE));
        refused(Code.MALFORMED, () -> BOTH.validate(pk, record, NOW));
        refused(Code.MALFORMED, () -> BOTH.validate(keyOf(ALICE), publicKey, NOW));
        assertThat(BOTH.select(keyOf(ALICE), List.of(record))).isZero();
        assertThat(BOTH.namespaces()).containsExactlyInAnyOrder("pk", "adverts");
    }

    @Test
    void aNamespaceWithoutValidatorIsRefusedByName() {
        refused(Code.UNKNOWN_NAMESPACE, () -> BOTH.validate(text("/ipns/x"), text("v"), NOW));
        refused(Code.UNKNOWN_NAMESPACE, () -> BOTH.select(text("/ipns/x"), List.of(text("v"))));
        assertThatThrownBy(() -> BOTH.validate(text("/ipns/x"), text("v"), NOW))
                .hasMessageContaining("ipns");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "/", "//", "//x", "pk/x", "/pk", "/PK/x", "/p k/x", "/p\u001bk/x", "x"})
    void aKeyWithoutNamespaceIsRefused(String key) {
        refused(Code.MALFORMED_KEY, () -> BOTH.validate(text(key), text("v"), NOW));
    }

    @Test
    void aKeyHasAtMost80BytesAndANamespace32() throws Exception {
        assertThat(RecordValidators.namespaceOf(text("/pk/" + "x".repeat(76)))).isEqualTo("pk");
        refused(
                Code.MALFORMED_KEY,
                () -> RecordValidators.namespaceOf(text("/pk/" + "x".repeat(77))));
        assertThat(RecordValidators.namespaceOf(text("/" + "n".repeat(32) + "/x"))).hasSize(32);
        refused(
                Code.MALFORMED_KEY,
                () -> RecordValidators.namespaceOf(text("/" + "n".repeat(33) + "/x")));
    }

    @Test
    void twoValidatorsForOneNamespaceAreAMistake() {
        assertThatThrownBy(() ->
                        RecordValidators.of(new PublicKeyValidator(), new PublicKeyValidator()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pk");
        assertThatThrownBy(() -> new SignedRecordValidator(text("n"), "Ad/verts"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BOTH.select(keyOf(ALICE), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void thePublicKeyOfEveryKindOfPeerIsTakenUnderItsIdAlone() throws Exception {
        PublicKeyValidator validator = new PublicKeyValidator();
        PublicKey rsa = PublicKey.fromProtobuf(Vectors.bytes("libp2p/go_crypto_test_data/0.pub"));
        for (PublicKey key :
                List.of(
                        rsa,
                        ALICE.publicKey(),
                        Keys.generate(KeyType.SECP256K1, new SecureRandom()).publicKey())) {
            Bytes under = PublicKeyValidator.keyOf(key.peerId());
            ValidRecord valid = validator.validate(under, key.toProtobuf(), NOW);
            assertThat(valid.expires()).isEqualTo(NOW.plusSeconds(48 * 3600));
            refused(
                    Code.WRONG_KEY,
                    () -> validator.validate(under, MALLORY.publicKey().toProtobuf(), NOW));
            refused(
                    Code.MALFORMED,
                    () ->
                            validator.validate(
                                    under, Bytes.concat(key.toProtobuf(), text("x")), NOW));
        }
    }

    @Test
    void whatIsNoPeerIdOrNoPublicKeyIsRefused() {
        PublicKeyValidator validator = new PublicKeyValidator();
        PrivateKey key = ALICE;
        Bytes under = PublicKeyValidator.keyOf(id(key));
        refused(Code.TOO_LARGE, () -> validator.validate(under, Bytes.wrap(new byte[2049]), NOW));
        refused(Code.MALFORMED, () -> validator.validate(under, Bytes.wrap(new byte[2048]), NOW));
        refused(
                Code.MALFORMED_KEY,
                () -> validator.validate(text("/pk/x"), key.publicKey().toProtobuf(), NOW));
        refused(
                Code.MALFORMED_KEY,
                () -> validator.validate(text("/kp/x"), key.publicKey().toProtobuf(), NOW));
        refused(Code.MALFORMED_KEY, () -> validator.select(text("/pk/x"), List.of(text("v"))));
    }
}
