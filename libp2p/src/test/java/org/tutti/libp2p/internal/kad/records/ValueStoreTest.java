package org.tutti.libp2p.internal.kad.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tutti.libp2p.kad.record.RecordFixtures.ALICE;
import static org.tutti.libp2p.kad.record.RecordFixtures.MALLORY;
import static org.tutti.libp2p.kad.record.RecordFixtures.MILLIS;
import static org.tutti.libp2p.kad.record.RecordFixtures.NAMESPACE;
import static org.tutti.libp2p.kad.record.RecordFixtures.NETWORK;
import static org.tutti.libp2p.kad.record.RecordFixtures.id;
import static org.tutti.libp2p.kad.record.RecordFixtures.keyOf;
import static org.tutti.libp2p.kad.record.RecordFixtures.record;
import static org.tutti.libp2p.kad.record.RecordFixtures.stranger;
import static org.tutti.libp2p.kad.record.RecordFixtures.text;
import static org.tutti.libp2p.kad.record.RecordFixtures.tombstone;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.kad.records.ValueStore.Put;
import org.tutti.libp2p.kad.record.InvalidRecordException.Code;
import org.tutti.libp2p.kad.record.PublicKeyValidator;
import org.tutti.libp2p.kad.record.RecordFixtures;
import org.tutti.libp2p.kad.record.RecordValidators;
import org.tutti.libp2p.kad.record.SignedRecord;

import java.time.Duration;
import java.util.Optional;

class ValueStoreTest {
    private static final RecordValidators VALIDATORS =
            RecordValidators.of(new PublicKeyValidator(), RecordFixtures.VALIDATOR);
    private static final Bytes KEY = keyOf(ALICE);
    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static final Source FROM_ALICE = new Source(id(ALICE), "198.51.100.1", "198.51");
    private static final Source FROM_MALLORY = new Source(id(MALLORY), "203.0.113.1", "203.0");

    private final ValueStore store = new ValueStore(VALIDATORS, ValueStore.DEFAULT_LIMITS);

    private static ValueStore.Limits limits(int total, int perPrefix, int perPeer) {
        return new ValueStore.Limits(
                new Bound(total, 1 << 20),
                new Bound(perPrefix, 1 << 20),
                new Bound(perPeer, 1 << 20));
    }

    /// A record of that name, under its key.
    private static Put put(ValueStore store, PrivateKey author, int name, Source source) {
        SignedRecord record =
                SignedRecord.of(
                        NETWORK,
                        NAMESPACE,
                        id(author),
                        text("n" + name),
                        MILLIS,
                        Duration.ofHours(24),
                        text("x"));
        return store.put(record.key(), record.seal(author), source, MILLIS);
    }

    private static boolean has(ValueStore store, PrivateKey author, int name) {
        return store.get(
                        SignedRecord.keyOf(NETWORK, NAMESPACE, id(author), text("n" + name)),
                        MILLIS)
                .isPresent();
    }

    @Test
    void aValueIsServedUntilItExpires() {
        Bytes value = record(ALICE, MILLIS, Duration.ofHours(2), "two rooms").seal(ALICE);
        assertThat(store.put(KEY, value, FROM_ALICE, MILLIS)).isEqualTo(new Put.Stored());
        assertThat(store.get(KEY, MILLIS + 2 * HOUR - 1)).contains(value);
        assertThat(store.get(KEY, MILLIS + 2 * HOUR)).isEmpty();
        assertThat(store.get(keyOf(MALLORY), MILLIS)).isEmpty();
    }

    @Test
    void aValueThatDoesNotBelongUnderTheKeyIsRefused() {
        Bytes mallorys = record(MALLORY, MILLIS, "mine").seal(MALLORY);
        assertThat(store.put(KEY, mallorys, FROM_MALLORY, MILLIS))
                .isInstanceOfSatisfying(
                        Put.Invalid.class,
                        i -> assertThat(i.why().code()).isEqualTo(Code.WRONG_KEY));
        assertThat(store.put(KEY, Bytes.wrap(new byte[ValueStore.MAX_VALUE + 1]), FROM_MALLORY, 0))
                .isInstanceOfSatisfying(
                        Put.Invalid.class,
                        i -> assertThat(i.why().code()).isEqualTo(Code.TOO_LARGE));
        assertThat(store.put(text("/ipns/x"), mallorys, FROM_MALLORY, MILLIS))
                .isInstanceOf(Put.Invalid.class);
        assertThat(store.size()).isZero();
        assertThat(store.bytes()).isZero();
    }

    @Test
    void aValueIsReplacedByABetterOneAlone() {
        Bytes old = record(ALICE, MILLIS, "old").seal(ALICE);
        Bytes better = record(ALICE, MILLIS + 1, "better").seal(ALICE);
        store.put(KEY, old, FROM_ALICE, MILLIS);
        assertThat(store.put(KEY, better, FROM_MALLORY, MILLIS)).isEqualTo(new Put.Stored());
        assertThat(store.put(KEY, old, FROM_ALICE, MILLIS))
                .isEqualTo(new Put.Stale(Optional.of(better)));
        assertThat(store.get(KEY, MILLIS)).contains(better);
        assertThat(store.size()).isOne();
    }

    /// The record before it expires before the tombstone is forgotten.
    @Test
    void aRecordIsNotTakenAgainAfterItsTombstone() {
        Bytes value = record(ALICE, MILLIS, Duration.ofHours(48), "two rooms").seal(ALICE);
        Bytes gone = tombstone(ALICE, MILLIS + 1).seal(ALICE);
        store.put(KEY, value, FROM_ALICE, MILLIS);
        store.put(KEY, gone, FROM_ALICE, MILLIS + 1);
        for (long now = MILLIS + 1; now < MILLIS + 49 * HOUR; now += HOUR / 2) {
            store.put(KEY, value, FROM_MALLORY, now);
            assertThat(store.get(KEY, now)).isNotEqualTo(Optional.of(value));
        }
        assertThat(store.size()).isZero();
    }

    /// Its successor had a short life, and is remembered all the same.
    @Test
    void aRecordIsNotTakenAgainAfterItsSuccessorExpired() {
        Bytes value = record(ALICE, MILLIS, Duration.ofHours(48), "two rooms").seal(ALICE);
        Bytes brief = record(ALICE, MILLIS + 1, Duration.ofHours(1), "last call").seal(ALICE);
        store.put(KEY, value, FROM_ALICE, MILLIS);
        store.put(KEY, brief, FROM_ALICE, MILLIS + 1);
        assertThat(store.put(KEY, value, FROM_MALLORY, MILLIS + 2 * HOUR))
                .isEqualTo(new Put.Stale(Optional.empty()));
        assertThat(store.get(KEY, MILLIS + 2 * HOUR)).isEmpty();
        store.forget(MILLIS + 48 * HOUR);
        assertThat(store.size()).isOne();
        store.forget(MILLIS + 48 * HOUR + 1);
        assertThat(store.size()).isZero();
    }

    @Test
    void aPeerThatPutsTooMuchLosesItsOldest() {
        ValueStore small = new ValueStore(VALIDATORS, limits(100, 100, 3));
        for (int i = 0; i < 4; i++) {
            put(small, MALLORY, i, FROM_MALLORY);
        }
        assertThat(small.size()).isEqualTo(3);
        assertThat(has(small, MALLORY, 0)).isFalse();
        assertThat(has(small, MALLORY, 3)).isTrue();
    }

    @Test
    void aPrefixThatPutsTooMuchLosesWhatItsFullestPeerPutFirst() {
        ValueStore small = new ValueStore(VALIDATORS, limits(100, 5, 10));
        Source bob = new Source(stranger(1), "203.0.113.9", FROM_MALLORY.prefix());
        put(small, ALICE, 0, bob);
        for (int i = 0; i < 9; i++) {
            put(small, MALLORY, i, FROM_MALLORY);
        }
        assertThat(small.size()).isEqualTo(5);
        assertThat(has(small, ALICE, 0)).isTrue();
        assertThat(has(small, MALLORY, 5)).isTrue();
        assertThat(has(small, MALLORY, 4)).isFalse();
    }

    @Test
    void aFullStoreLosesWhatTheFullestPrefixPut() {
        ValueStore small = new ValueStore(VALIDATORS, limits(10, 10, 10));
        put(small, ALICE, 0, FROM_ALICE);
        for (int i = 0; i < 50; i++) {
            // As many ids as she likes, all in one network.
            put(small, MALLORY, i, new Source(stranger(i), "203.0.113." + i, "203.0"));
        }
        assertThat(small.size()).isEqualTo(10);
        assertThat(has(small, ALICE, 0)).isTrue();
    }

    @Test
    void aStoreIsBoundedInBytesToo() {
        long one = KEY.length() + record(ALICE, MILLIS, "x").seal(ALICE).length();
        ValueStore.Limits few =
                new ValueStore.Limits(
                        new Bound(100, 3 * (one + ValueStore.OVERHEAD)),
                        new Bound(100, 1 << 20),
                        new Bound(100, 1 << 20));
        ValueStore small = new ValueStore(VALIDATORS, few);
        for (int i = 0; i < 9; i++) {
            put(small, MALLORY, i, FROM_MALLORY);
            assertThat(small.bytes()).isLessThanOrEqualTo(few.total().bytes());
        }
        assertThat(small.size()).isBetween(2, 3);
        ValueStore none =
                new ValueStore(
                        VALIDATORS,
                        new ValueStore.Limits(
                                new Bound(100, 100), new Bound(100, 100), new Bound(100, 100)));
        assertThat(put(none, ALICE, 0, FROM_ALICE)).isEqualTo(new Put.Full());
        assertThat(none.size()).isZero();
    }

    /// Else she could pass on what Alice put, and then have it evicted with her own.
    @Test
    void whatAnotherPutFirstStaysInTheOthersShare() {
        ValueStore small = new ValueStore(VALIDATORS, limits(100, 100, 3));
        put(small, ALICE, 0, FROM_ALICE);
        put(small, ALICE, 0, FROM_MALLORY);
        for (int i = 0; i < 9; i++) {
            put(small, MALLORY, i, FROM_MALLORY);
        }
        assertThat(has(small, ALICE, 0)).isTrue();
    }

    @Test
    void anAuthorTakesItsOwnRecordBackIntoItsOwnShare() {
        ValueStore small = new ValueStore(VALIDATORS, limits(100, 100, 3));
        put(small, ALICE, 0, FROM_MALLORY);
        put(small, ALICE, 0, FROM_ALICE);
        for (int i = 0; i < 9; i++) {
            put(small, MALLORY, i, FROM_MALLORY);
        }
        assertThat(has(small, ALICE, 0)).isTrue();
    }

    @Test
    void aValueThatNobodyPutForAnHourIsDueForReplication() {
        Bytes value = record(ALICE, MILLIS, "two rooms").seal(ALICE);
        store.put(KEY, value, FROM_ALICE, MILLIS);
        assertThat(store.dueForReplication(MILLIS + HOUR - 1, 10)).isEmpty();
        // Another replica did it.
        store.put(KEY, value, FROM_MALLORY, MILLIS + HOUR - 1);
        assertThat(store.dueForReplication(MILLIS + 2 * HOUR - 2, 10)).isEmpty();
        assertThat(store.dueForReplication(MILLIS + 2 * HOUR - 1, 10)).containsExactly(KEY);
        assertThat(store.dueForReplication(MILLIS + 3 * HOUR - 2, 10)).isEmpty();
        assertThat(store.dueForReplication(MILLIS + 3 * HOUR - 1, 0)).isEmpty();
        assertThat(store.dueForReplication(MILLIS + 3 * HOUR - 1, 1)).containsExactly(KEY);
        // Expired, and only remembered.
        assertThat(store.dueForReplication(MILLIS + 30 * HOUR, 10)).isEmpty();
    }

    @Test
    void publicKeysLiveForTwoDays() {
        Bytes key = PublicKeyValidator.keyOf(id(ALICE));
        Bytes value = ALICE.publicKey().toProtobuf();
        store.put(key, value, FROM_MALLORY, MILLIS);
        store.put(key, value, FROM_MALLORY, MILLIS + HOUR);
        assertThat(store.get(key, MILLIS + 49 * HOUR - 1)).contains(value);
        assertThat(store.get(key, MILLIS + 49 * HOUR)).isEmpty();
    }
}
