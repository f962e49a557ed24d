package org.tutti.libp2p.kad.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tutti.libp2p.kad.record.RecordFixtures.ALICE;
import static org.tutti.libp2p.kad.record.RecordFixtures.MALLORY;
import static org.tutti.libp2p.kad.record.RecordFixtures.MILLIS;
import static org.tutti.libp2p.kad.record.RecordFixtures.NAME;
import static org.tutti.libp2p.kad.record.RecordFixtures.NAMESPACE;
import static org.tutti.libp2p.kad.record.RecordFixtures.NETWORK;
import static org.tutti.libp2p.kad.record.RecordFixtures.id;
import static org.tutti.libp2p.kad.record.RecordFixtures.record;
import static org.tutti.libp2p.kad.record.RecordFixtures.text;
import static org.tutti.libp2p.kad.record.RecordFixtures.tombstone;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Bytes;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.internal.pb.SignedRecordPb;
import org.tutti.libp2p.kad.record.InvalidRecordException.Code;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

class SignedRecordTest {
    private static SignedRecordPb.Builder message(SignedRecord record) throws Exception {
        return SignedRecordPb.parseFrom(
                SignedEnvelope.decode(record.seal(ALICE)).payload().toArray())
                .toBuilder();
    }

    private static Bytes sealed(byte[] payload) {
        return SignedEnvelope.seal(
                        ALICE, SignedRecord.DOMAIN, SignedRecord.PAYLOAD_TYPE, Bytes.wrap(payload))
                .encode();
    }

    private static void refused(Code code, Bytes sealed) {
        refused(code, () -> SignedRecord.open(sealed));
    }

    private static void refused(Code code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        InvalidRecordException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void theBytesAreThoseOfTheProtocolsDescription() {
        SignedRecord record = record(ALICE, MILLIS, "two rooms");
        // Written down field by field from docs/protocol.md.
        String author = "00240801122" + "0" + ALICE.publicKey().raw().toHex();
        String payload =
                ("0801" + "1209" + text("a network").toHex())
                        + ("1a07" + text("adverts").toHex())
                        + ("2226" + author)
                        + ("2a05" + text("offer").toHex())
                        + ("30" + varint(MILLIS))
                        + ("38" + varint(MILLIS + 86_400_000))
                        + ("4209" + text("two rooms").toHex());
        assertThat(record.seal(ALICE))
                .isEqualTo(
                        SignedEnvelope.seal(
                                        ALICE,
                                        "tutti-dht-record",
                                        text("/tutti/dht/1/record"),
                                        Bytes.fromHex(payload))
                                .encode());
        assertThat(record.key())
                .isEqualTo(
                        Bytes.concat(
                                text("/adverts/"),
                                Tagged.hash(
                                        "tutti/dht/record",
                                        "01"
                                                + "09"
                                                + text("a network").toHex()
                                                + "07"
                                                + text("adverts").toHex()
                                                + "26"
                                                + author
                                                + "05"
                                                + text("offer").toHex())));
        assertThat(tombstone(ALICE, MILLIS).seal(ALICE).toHex()).contains("4801");
    }

    private static String varint(long value) {
        return Bytes.wrap(org.tutti.libp2p.multiformats.Varint.encode(value)).toHex();
    }

    @ParameterizedTest
    @EnumSource(names = {"ED25519", "SECP256K1", "ECDSA"})
    void whatAnAuthorSealsIsReadAgain(KeyType type) throws Exception {
        PrivateKey key = Keys.generate(type, new SecureRandom());
        for (SignedRecord record :
                new SignedRecord[] {
                    record(key, MILLIS, "two rooms"),
                    record(key, MILLIS, ""),
                    record(key, 1, Duration.ofMillis(1), "x"),
                    tombstone(key, MILLIS)
                }) {
            assertThat(SignedRecord.open(record.seal(key))).isEqualTo(record);
        }
    }

    /// Else an author with a long RSA key could make records that nobody takes.
    @Test
    void theLongestRecordOfTheLongestUsualKeyIsTaken() throws Exception {
        PrivateKey rsa =
                Keys.privateFromProtobuf(Vectors.bytes("libp2p/go_crypto_test_data/0.priv"));
        int modulus = rsa.publicKey().toProtobuf().length();
        SignedRecord record =
                SignedRecord.of(
                        Bytes.wrap(new byte[64]),
                        "n".repeat(32),
                        id(rsa),
                        Bytes.wrap(new byte[64]),
                        (1L << 53) - Duration.ofHours(49).toMillis(),
                        SignedRecord.MAX_LIFETIME,
                        Bytes.wrap(new byte[SignedRecord.MAX_VALUE]));
        Bytes sealed = record.seal(rsa);
        assertThat(SignedRecord.open(sealed)).isEqualTo(record);
        // Key and signature of 4,096 bits have 512 bytes each, and the key's encoding 38 more.
        int signature = SignedEnvelope.decode(sealed).signature().length();
        assertThat(sealed.length() - modulus - signature + 550 + 512)
                .isLessThanOrEqualTo(SignedRecord.MAX_SEALED);
    }

    @Test
    void aRecordIsSealedByItsAuthorAlone() {
        SignedRecord record = record(ALICE, MILLIS, "two rooms");
        assertThatThrownBy(() -> record.seal(MALLORY)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatIsOutOfBoundsIsNoRecord() {
        Bytes empty = Bytes.EMPTY;
        Bytes longer = Bytes.wrap(new byte[65]);
        Duration day = Duration.ofDays(1);
        notMade(() -> SignedRecord.of(empty, NAMESPACE, id(ALICE), NAME, 1, day, NAME));
        notMade(() -> SignedRecord.of(longer, NAMESPACE, id(ALICE), NAME, 1, day, NAME));
        notMade(() -> SignedRecord.of(NETWORK, NAMESPACE, id(ALICE), empty, 1, day, NAME));
        notMade(() -> SignedRecord.of(NETWORK, NAMESPACE, id(ALICE), longer, 1, day, NAME));
        notMade(() -> SignedRecord.of(NETWORK, "", id(ALICE), NAME, 1, day, NAME));
        notMade(() -> SignedRecord.of(NETWORK, "n".repeat(33), id(ALICE), NAME, 1, day, NAME));
        notMade(() -> SignedRecord.keyOf(empty, NAMESPACE, id(ALICE), NAME));
        notMade(() -> SignedRecord.keyOf(NETWORK, NAMESPACE, id(ALICE), longer));
        notMade(() -> SignedRecord.keyOf(NETWORK, "A", id(ALICE), NAME));
        notMade(() -> record(ALICE, 0, "x"));
        notMade(() -> record(ALICE, 1L << 53, "x"));
        notMade(() -> record(ALICE, 1, Duration.ZERO, "x"));
        notMade(() -> record(ALICE, 1, Duration.ofMillis(-1), "x"));
        notMade(() -> record(ALICE, 1, Duration.ofHours(48).plusMillis(1), "x"));
        notMade(() -> record(ALICE, 1, Duration.ofNanos(1_000_001), "x"));
        notMade(() -> record(ALICE, 1, "x".repeat(SignedRecord.MAX_VALUE + 1)));
    }

    @Test
    void aTombstoneLivesExactlyAsLongAsARecordCan() {
        Instant end = Instant.ofEpochMilli(MILLIS).plus(SignedRecord.MAX_LIFETIME);
        assertThat(tombstone(ALICE, MILLIS).expires()).isEqualTo(end);
        notMade(() ->
                new SignedRecord(
                        NETWORK,
                        NAMESPACE,
                        id(ALICE),
                        NAME,
                        MILLIS,
                        end.minusMillis(1),
                        Optional.empty()));
    }

    private static void notMade(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aTombstoneOfAShorterLifeIsRefusedFromTheWireToo() throws Exception {
        SignedRecordPb.Builder message = message(tombstone(ALICE, MILLIS));
        message.setExpiry(message.getExpiry() - 1);
        refused(Code.MALFORMED, sealed(message.build().toByteArray()));
    }

    @Test
    void numbersThatOverflowAreRefused() throws Exception {
        SignedRecordPb.Builder message = message(record(ALICE, MILLIS, "x"));
        for (long number : new long[] {0, -1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 53}) {
            refused(
                    Code.MALFORMED,
                    sealed(message.clone().setSequence(number).build().toByteArray()));
            refused(
                    Code.MALFORMED,
                    sealed(message.clone().setExpiry(number).build().toByteArray()));
        }
    }

    @Test
    void anotherVersionIsRefusedAsSuch() throws Exception {
        for (int version : new int[] {0, 2, -1}) {
            refused(
                    Code.VERSION,
                    sealed(
                            message(record(ALICE, MILLIS, "x"))
                                    .setVersion(version)
                                    .build()
                                    .toByteArray()));
        }
    }

    /// Strangers cannot pad what an author signed; and the author gets no room beside the value.
    @Test
    void aRecordHasOneEncoding() throws Exception {
        SignedRecord record = record(ALICE, MILLIS, "x");
        Bytes payload = SignedEnvelope.decode(record.seal(ALICE)).payload();
        Bytes padded = Bytes.concat(payload, Bytes.fromHex("9a060178"));
        refused(Code.MALFORMED, sealed(padded.toArray()));
        refused(Code.MALFORMED, Bytes.concat(record.seal(ALICE), Bytes.fromHex("9a060178")));
        // A tombstone with a value.
        refused(
                Code.MALFORMED,
                sealed(
                        message(tombstone(ALICE, MILLIS))
                                .setValue(com.google.protobuf.ByteString.copyFromUtf8("x"))
                                .build()
                                .toByteArray()));
    }

    @Test
    void whatIsTooLargeIsNotEvenParsed() {
        refused(Code.TOO_LARGE, Bytes.wrap(new byte[SignedRecord.MAX_SEALED + 1]));
        refused(Code.MALFORMED, Bytes.wrap(new byte[SignedRecord.MAX_SEALED]));
    }

    @Test
    void anEnvelopeOfSomethingElseIsNoRecord() throws Exception {
        Bytes payload = SignedEnvelope.decode(record(ALICE, MILLIS, "x").seal(ALICE)).payload();
        refused(
                Code.MALFORMED,
                SignedEnvelope.seal(ALICE, SignedRecord.DOMAIN, text("other"), payload).encode());
        refused(
                Code.SIGNATURE,
                SignedEnvelope.seal(ALICE, "other", SignedRecord.PAYLOAD_TYPE, payload).encode());
        refused(
                Code.SIGNATURE,
                SignedEnvelope.seal(
                                MALLORY, SignedRecord.DOMAIN, SignedRecord.PAYLOAD_TYPE, payload)
                        .encode());
    }
}
