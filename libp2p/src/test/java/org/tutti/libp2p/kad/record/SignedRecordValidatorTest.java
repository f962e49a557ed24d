package org.tutti.libp2p.kad.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tutti.libp2p.kad.record.RecordFixtures.ALICE;
import static org.tutti.libp2p.kad.record.RecordFixtures.MALLORY;
import static org.tutti.libp2p.kad.record.RecordFixtures.MILLIS;
import static org.tutti.libp2p.kad.record.RecordFixtures.NAME;
import static org.tutti.libp2p.kad.record.RecordFixtures.NAMESPACE;
import static org.tutti.libp2p.kad.record.RecordFixtures.NETWORK;
import static org.tutti.libp2p.kad.record.RecordFixtures.NOW;
import static org.tutti.libp2p.kad.record.RecordFixtures.VALIDATOR;
import static org.tutti.libp2p.kad.record.RecordFixtures.id;
import static org.tutti.libp2p.kad.record.RecordFixtures.keyOf;
import static org.tutti.libp2p.kad.record.RecordFixtures.record;
import static org.tutti.libp2p.kad.record.RecordFixtures.text;
import static org.tutti.libp2p.kad.record.RecordFixtures.tombstone;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.kad.record.InvalidRecordException.Code;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

class SignedRecordValidatorTest {
    private static final Bytes KEY = keyOf(ALICE);

    private static void refused(Code code, Bytes key, Bytes value, Instant now) {
        assertThatThrownBy(() -> VALIDATOR.validate(key, value, now))
                .isInstanceOfSatisfying(
                        InvalidRecordException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void aRecordIsValidUnderItsOwnKey() throws Exception {
        SignedRecord record = record(ALICE, MILLIS, "two rooms");
        ValidRecord valid = VALIDATOR.validate(KEY, record.seal(ALICE), NOW);
        assertThat(valid.author()).contains(id(ALICE));
        assertThat(valid.sequence()).hasValue(MILLIS);
        assertThat(valid.expires()).isEqualTo(NOW.plus(Duration.ofHours(24)));
        assertThat(valid.rememberedUntil()).isEqualTo(NOW.plus(Duration.ofHours(48)));
        assertThat(VALIDATOR.open(KEY, record.seal(ALICE), NOW)).isEqualTo(record);
    }

    @Test
    void aRecordThatValidatesForAnotherKeyIsRefused() {
        Bytes sealed = record(ALICE, MILLIS, "two rooms").seal(ALICE);
        refused(Code.WRONG_KEY, keyOf(MALLORY), sealed, NOW);
        refused(
                Code.WRONG_KEY,
                SignedRecord.keyOf(NETWORK, NAMESPACE, id(ALICE), text("another")),
                sealed,
                NOW);
        refused(Code.WRONG_KEY, KEY, record(MALLORY, MILLIS, "mine").seal(MALLORY), NOW);
    }

    /// Mallory names Alice as the author, so that the key is right.
    @Test
    void aRecordInAnothersNameIsRefused() throws Exception {
        SignedEnvelope alices =
                SignedEnvelope.decode(record(ALICE, MILLIS, "two rooms").seal(ALICE));
        SignedEnvelope mallorys =
                SignedEnvelope.seal(
                        MALLORY, SignedRecord.DOMAIN, SignedRecord.PAYLOAD_TYPE, alices.payload());
        refused(Code.SIGNATURE, KEY, mallorys.encode(), NOW);
        refused(
                Code.SIGNATURE,
                KEY,
                new SignedEnvelope(
                                ALICE.publicKey(),
                                SignedRecord.PAYLOAD_TYPE,
                                alices.payload(),
                                mallorys.signature())
                        .encode(),
                NOW);
        // Alice's signature of other bytes.
        SignedEnvelope other = SignedEnvelope.decode(record(ALICE, MILLIS, "no rooms").seal(ALICE));
        refused(
                Code.SIGNATURE,
                KEY,
                new SignedEnvelope(
                                ALICE.publicKey(),
                                SignedRecord.PAYLOAD_TYPE,
                                other.payload(),
                                alices.signature())
                        .encode(),
                NOW);
    }

    @Test
    void aRecordOfAnotherNetworkOrNamespaceIsRefused() {
        SignedRecord elsewhere =
                SignedRecord.of(
                        text("another"),
                        NAMESPACE,
                        id(ALICE),
                        NAME,
                        MILLIS,
                        Duration.ofHours(1),
                        NAME);
        refused(Code.NETWORK, KEY, elsewhere.seal(ALICE), NOW);
        refused(Code.NETWORK, elsewhere.key(), elsewhere.seal(ALICE), NOW);
        SignedRecord other =
                SignedRecord.of(
                        NETWORK, "other", id(ALICE), NAME, MILLIS, Duration.ofHours(1), NAME);
        refused(Code.NAMESPACE, KEY, other.seal(ALICE), NOW);
        refused(Code.NAMESPACE, other.key(), other.seal(ALICE), NOW);
    }

    @Test
    void aSequenceMoreThanFiveMinutesAheadIsOfTheFuture() throws Exception {
        long ahead = MILLIS + Duration.ofMinutes(5).toMillis();
        VALIDATOR.validate(KEY, record(ALICE, ahead, "x").seal(ALICE), NOW);
        refused(Code.FUTURE, KEY, record(ALICE, ahead + 1, "x").seal(ALICE), NOW);
        refused(
                Code.FUTURE,
                KEY,
                record(ALICE, MILLIS + Duration.ofDays(3650).toMillis(), "x").seal(ALICE),
                NOW);
        refused(Code.FUTURE, KEY, tombstone(ALICE, ahead + 1).seal(ALICE), NOW);
    }

    @Test
    void aRecordIsValidUntilItExpires() throws Exception {
        Bytes sealed = record(ALICE, MILLIS, Duration.ofMillis(10), "x").seal(ALICE);
        VALIDATOR.validate(KEY, sealed, NOW.plusMillis(9));
        refused(Code.EXPIRED, KEY, sealed, NOW.plusMillis(10));
        Bytes tombstone = tombstone(ALICE, MILLIS).seal(ALICE);
        VALIDATOR.validate(KEY, tombstone, NOW.plus(Duration.ofHours(48)).minusMillis(1));
        refused(Code.EXPIRED, KEY, tombstone, NOW.plus(Duration.ofHours(48)));
    }

    @Test
    void whatIsTooLargeIsRefused() {
        refused(Code.TOO_LARGE, KEY, Bytes.wrap(new byte[SignedRecord.MAX_SEALED + 1]), NOW);
    }

    @Test
    void theHighestSequenceCountsThenATombstoneThenTheGreaterBytes() throws Exception {
        Bytes old = record(ALICE, MILLIS, "old").seal(ALICE);
        Bytes later = record(ALICE, MILLIS + 1, "later").seal(ALICE);
        Bytes gone = tombstone(ALICE, MILLIS + 1).seal(ALICE);
        Bytes a = record(ALICE, MILLIS + 2, "a").seal(ALICE);
        Bytes b = record(ALICE, MILLIS + 2, "b").seal(ALICE);
        selects(later, old);
        selects(gone, old);
        selects(gone, later);
        selects(a, gone);
        selects(b, a);
        assertThat(VALIDATOR.select(KEY, List.of(old, b, later, a, gone, b))).isEqualTo(1);
    }

    private static void selects(Bytes best, Bytes other) throws Exception {
        assertThat(VALIDATOR.select(KEY, List.of(best, other))).isZero();
        assertThat(VALIDATOR.select(KEY, List.of(other, best))).isOne();
    }

    @Test
    void whatIsNoRecordIsNeverTheBest() throws Exception {
        Bytes record = record(ALICE, MILLIS, "old").seal(ALICE);
        assertThat(VALIDATOR.select(KEY, List.of(text("zzz"), record))).isOne();
        assertThatThrownBy(() -> VALIDATOR.select(KEY, List.of(text("zzz"))))
                .isInstanceOf(InvalidRecordException.class);
        assertThatThrownBy(() -> VALIDATOR.select(KEY, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
