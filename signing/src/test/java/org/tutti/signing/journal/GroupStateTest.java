package org.tutti.signing.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.SessionId;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// What is left of one group's entries, in memory and in a snapshot.
class GroupStateTest {
    private static final Bytes GROUP = TestJournals.GROUP;
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration LIFETIME = Duration.ofHours(1);
    private static final Duration SKEW = Duration.ofMinutes(1);
    private static final Bytes NONE = Bytes.EMPTY;
    private static final Bytes REQUEST = Bytes.fromHex("0a");
    private static final Hold COIN = new Hold(Set.of(Bytes.fromHex("c0")), Bytes.fromHex("01"));
    private static final Hold OTHER = new Hold(Set.of(Bytes.fromHex("c1")), Bytes.fromHex("02"));

    private final JournalRetention retention = new JournalRetention(LIFETIME, SKEW, 0, 0);
    private final GroupState state = new GroupState(TestJournals.ID, retention);

    private static SessionId id(int number) {
        return new SessionId(Bytes.fromHex("%064x".formatted(number)));
    }

    private static JournalRecord.Ready ready(int session, int attempt, Bytes request, Hold hold) {
        return new JournalRecord.Ready(
                id(session), attempt, attempt - 1, request, hold, NOW.toEpochMilli());
    }

    private static JournalRecord.Sign sign(int session, int attempt) {
        return new JournalRecord.Sign(
                id(session),
                attempt,
                List.of(),
                List.of(Bytes.fromHex("0%d".formatted(session))),
                List.of(),
                Bytes.EMPTY,
                Bytes.EMPTY);
    }

    private static JournalRecord.Ended ended(int session) {
        return new JournalRecord.Ended(id(session), "NO_ANSWER");
    }

    private void accept(JournalRecord... records) {
        for (JournalRecord record : records) {
            state.accept(record, null);
        }
    }

    private KeptSession session(int number) {
        return Objects.requireNonNull(state.sessions().get(id(number)));
    }

    @Test
    void lastReadyBeforeTheSignatureSaysWhatASessionHolds() {
        accept(ready(1, 1, REQUEST, COIN), ready(1, 2, Bytes.EMPTY, OTHER));
        assertThat(session(1).hold()).as("its approval was asked again").isEqualTo(OTHER);
        accept(sign(1, 2), ready(1, 3, Bytes.EMPTY, COIN));
        assertThat(session(1).hold()).as("its partial signatures have left").isEqualTo(OTHER);
        assertThat(session(1).attempt()).isEqualTo(3);
        assertThat(session(1).restarts()).isEqualTo(2);
        assertThat(session(1).requestEnvelope()).isEqualTo(REQUEST);
        assertThat(session(1).sign()).contains(sign(1, 2));
    }

    @Test
    void requestThatComesAgainAfterAnEndInVainIsANewSession() {
        accept(ready(1, 4, REQUEST, COIN), ended(1), ready(1, 1, Bytes.fromHex("0b"), OTHER));
        assertThat(session(1).attempt()).isEqualTo(1);
        assertThat(session(1).end()).isEmpty();
        assertThat(session(1).requestEnvelope()).isEqualTo(Bytes.fromHex("0b"));
        accept(
                ready(2, 4, REQUEST, COIN),
                sign(2, 4),
                ended(2),
                ready(2, 1, Bytes.fromHex("0b"), OTHER));
        assertThat(session(2).attempt()).as("its partial signatures have left").isEqualTo(4);
        assertThat(session(2).hold()).isEqualTo(COIN);
        assertThat(session(2).end()).contains(ended(2));
        accept(
                ready(3, 4, REQUEST, COIN),
                new JournalRecord.Final(id(3), List.of()),
                ready(3, 1, Bytes.fromHex("0b"), OTHER));
        assertThat(session(3).attempt()).as("it is signed").isEqualTo(4);
    }

    @Test
    void entriesAboutASessionThatIsNotKnownSayNothingOfIt() {
        accept(
                ready(1, 2, Bytes.EMPTY, COIN),
                sign(1, 1),
                ended(1),
                new JournalRecord.ConflictAllowed(id(1)),
                new JournalRecord.Settled(id(1), 0, Bytes.EMPTY, Bytes.EMPTY, NOW, Bytes.EMPTY));
        assertThat(state.sessions()).isEmpty();
        assertThat(state.settled()).isEmpty();
        assertThat(state.lastNonces()).as("with the heads of others").isNotEmpty();
    }

    @Test
    void operatorsAgreementAndSettlementAreOfTheirSessionAlone() {
        accept(
                ready(1, 1, REQUEST, COIN),
                ready(2, 1, REQUEST, OTHER),
                sign(1, 1),
                sign(2, 1),
                new JournalRecord.ConflictAllowed(id(1)),
                new JournalRecord.Settled(
                        id(2), 0, Bytes.fromHex("4b"), Bytes.EMPTY, NOW, Bytes.EMPTY));
        assertThat(session(1).conflictAllowed()).isTrue();
        assertThat(session(1).hold()).isEqualTo(COIN);
        assertThat(session(2).conflictAllowed()).isFalse();
        assertThat(session(2).hold()).isEqualTo(Hold.NONE);
        assertThat(state.settled()).hasSize(1);
        assertThat(state.size()).isEqualTo(3);
        state.clear();
        assertThat(state.size()).isZero();
        assertThat(state.lastNonces()).isEmpty();
    }

    @Test
    void recordsSayTheSameAgain() {
        accept(
                ready(1, 3, REQUEST, COIN),
                sign(1, 3),
                new JournalRecord.ConflictAllowed(id(1)),
                ended(1),
                ready(2, 1, REQUEST, OTHER));
        GroupState again = new GroupState(TestJournals.ID, retention);
        state.records().forEach(record -> again.accept(record, null));
        assertThat(again.records().toList()).isEqualTo(state.records().toList());
        KeptSession first = Objects.requireNonNull(again.sessions().get(id(1)));
        assertThat(first.attempt()).isEqualTo(3);
        assertThat(first.restarts()).isEqualTo(2);
        assertThat(first.conflictAllowed()).isTrue();
        assertThat(first.sign()).isPresent();
        assertThat(first.end()).contains(ended(1));
        assertThat(again.sessions()).containsOnlyKeys(id(1), id(2));
        assertThat(state.records().toList())
                .as("of a group without heads")
                .noneMatch(JournalRecord.Heads.class::isInstance);
    }

    @Test
    void firstRefusalIsKept() {
        accept(
                new JournalRecord.Refused(Bytes.fromHex("01")),
                new JournalRecord.Refused(Bytes.fromHex("02")));
        assertThat(state.refused()).isTrue();
        assertThat(state.records()).containsExactly(new JournalRecord.Refused(Bytes.fromHex("01")));
    }

    @Test
    void sessionIsForgottenWhenItsRequestCanNoLongerBeTakenForANewOne() {
        accept(ready(1, 1, REQUEST, COIN), ended(1), ready(2, 1, REQUEST, COIN));
        long skew = SKEW.toMillis();
        long expiry = NOW.toEpochMilli();
        state.forget(expiry + skew - 1, skew, true);
        assertThat(state.sessions()).containsOnlyKeys(id(1), id(2));
        assertThat(state.forgotten().ranges()).isEmpty();
        state.forget(expiry + skew, skew, false);
        assertThat(state.sessions()).as("whose end was not written").containsOnlyKeys(id(2));
        assertThat(state.forgotten().ranges()).containsExactly(at(NOW));
        state.forget(expiry + skew, skew, true);
        assertThat(state.sessions()).isEmpty();
    }

    @Test
    void keyOfASettledHoldIsKeptUntilItIsFreeForEverybody() {
        allAgreeTo(NOW.plus(SKEW));
        accept(
                new JournalRecord.Settled(
                        id(1), 0, Bytes.fromHex("4b"), Bytes.EMPTY, NOW, Bytes.EMPTY));
        long skew = SKEW.toMillis();
        state.forget(NOW.toEpochMilli() + skew - 1, skew, true);
        assertThat(state.settled()).hasSize(1);
        state.forget(NOW.toEpochMilli() + skew, skew, true);
        assertThat(state.settled()).isEmpty();
    }

    private void allAgreeTo(Instant time) {
        accept(request(8, time), sign(8, 1));
    }

    private static JournalRecord.Ready request(int session, Instant created) {
        return new JournalRecord.Ready(
                id(session), 1, 0, REQUEST, COIN, created.plus(LIFETIME).toEpochMilli());
    }

    @Test
    void allHaveAgreedToTheTimeOfTheNewestRequestThatWasSigned() {
        assertThat(state.agreedTime()).isEmpty();
        accept(request(1, NOW.plusSeconds(3)), request(2, NOW.plusSeconds(2)));
        accept(request(3, NOW.plusSeconds(1)), ended(1), sign(9, 1));
        assertThat(state.agreedTime()).as("one member's clock proves no time").isEmpty();
        accept(sign(3, 1));
        assertThat(state.agreedTime()).contains(NOW.plusSeconds(1));
        accept(new JournalRecord.Final(id(2), List.of()));
        assertThat(state.agreedTime()).contains(NOW.plusSeconds(2));
        accept(sign(3, 2));
        assertThat(state.agreedTime()).contains(NOW.plusSeconds(2));
    }

    @Test
    void keyIsNotFreedByTheTimeOfRequestsThatOnlyThisNodeWasReadyFor() {
        accept(new JournalRecord.Settled(id(1), 0, Bytes.fromHex("4b"), COIN.content(), NOW, NONE));
        Instant farAhead = NOW.plus(Duration.ofDays(26_000));
        long skew = SKEW.toMillis();
        accept(request(2, farAhead));
        state.forget(farAhead.toEpochMilli(), skew, true);
        assertThat(state.settled()).hasSize(1);
        allAgreeTo(NOW.plus(SKEW).minusMillis(1));
        state.forget(farAhead.toEpochMilli(), skew, true);
        assertThat(state.settled()).hasSize(1);
        allAgreeTo(NOW.plus(SKEW));
        accept(new JournalRecord.Ended(id(8), "NO_ANSWER"), request(9, NOW.plus(SKEW)), sign(9, 1));
        state.forget(farAhead.toEpochMilli(), skew, true);
        assertThat(state.settled()).isEmpty();
    }

    @Test
    void timeThatAllHaveAgreedToIsInASnapshot() {
        JournalRecord.Heads heads =
                new JournalRecord.Heads(1, Bytes.wrap(new byte[32]), List.of(), NOW.toEpochMilli());
        accept(heads);
        assertThat(state.agreedTime()).contains(NOW);
        assertThat(state.records()).containsExactly(heads);
        GroupState other = new GroupState(TestJournals.ID, retention);
        other.accept(new JournalRecord.Heads(1, Bytes.wrap(new byte[32]), List.of(), 0), null);
        assertThat(other.agreedTime()).as("of a journal that said none").isEmpty();
    }

    private static ForgottenTimes.Range at(Instant time) {
        return new ForgottenTimes.Range(time.toEpochMilli(), time.toEpochMilli());
    }

    @Test
    void timesOfWhatWasForgottenAreKept() {
        Bytes hashes = Bytes.wrap(new byte[32]);
        ForgottenTimes.Range earlier = at(NOW.plusSeconds(600));
        accept(
                new JournalRecord.Heads(1, hashes, List.of(earlier), 0),
                ready(1, 1, REQUEST, COIN),
                ended(1));
        state.forget(NOW.plus(SKEW).toEpochMilli(), SKEW.toMillis(), true);
        assertThat(state.records())
                .as("a snapshot says so again")
                .containsExactly(new JournalRecord.Heads(1, hashes, List.of(at(NOW), earlier), 0));
    }

    @Test
    void sessionsDatedFarAheadAreKeptUntilThereAreTooMany() {
        long now = NOW.toEpochMilli();
        Instant latest = NOW.plus(SKEW).plus(LIFETIME);
        accept(expiring(1, latest), ended(1));
        accept(expiring(2, FAR_AHEAD), sign(2, 1), ended(2));
        accept(expiring(3, FAR_AHEAD));
        for (int i = 0; i < GroupState.MAX_AHEAD; i++) {
            accept(expiring(10 + i, latest.plusMillis(1 + i)), ended(10 + i));
        }
        state.forgetAhead(now);
        assertThat(state.sessions()).hasSize(GroupState.MAX_AHEAD + 3);
        accept(expiring(4, FAR_AHEAD), ended(4));
        state.forgetAhead(now);
        assertThat(state.sessions())
                .as("of now, with signatures, not ended")
                .containsOnlyKeys(id(1), id(2), id(3));
        assertThat(state.forgotten().contains(FAR_AHEAD.toEpochMilli())).isTrue();
        assertThat(state.forgotten().contains(latest.plusMillis(1).toEpochMilli())).isTrue();
        assertThat(state.forgotten().contains(latest.toEpochMilli())).isFalse();
    }

    private static final Instant FAR_AHEAD = Instant.parse("2099-01-01T00:00:00Z");

    private static JournalRecord.Ready expiring(int session, Instant expires) {
        return new JournalRecord.Ready(id(session), 1, 0, REQUEST, COIN, expires.toEpochMilli());
    }

    private static JournalRecord.Settled settled(int session, Instant keyFreeAt) {
        return new JournalRecord.Settled(
                id(session), 0, Bytes.fromHex("4b"), COIN.content(), keyFreeAt, NONE);
    }

    private List<Instant> keysFreeAt() {
        return state.settled().stream().map(JournalRecord.Settled::keyFreeAt).toList();
    }

    /// Until when a key is taken at the latest that was settled before a request expired which all
    /// signed.
    private static Instant latestFree(Instant expires) {
        return expires.plus(LIFETIME).plus(SKEW).plus(JournalRetention.KEY_KEPT);
    }

    @Test
    void keySettledWithAClockFarAheadIsTakenForThirtyDaysFromTheNextSignatureOn() {
        Instant created = NOW.plus(Duration.ofHours(2));
        Instant free = latestFree(created.plus(LIFETIME));
        accept(
                settled(1, FAR_AHEAD.plus(JournalRetention.KEY_KEPT)),
                settled(2, free.minusMillis(1)),
                settled(3, free.plusMillis(1)));
        accept(request(4, created), sign(4, 1));
        assertThat(keysFreeAt()).containsExactly(free, free.minusMillis(1), free);
        accept(settled(5, FAR_AHEAD), request(6, created.plusSeconds(1)), sign(6, 1));
        assertThat(keysFreeAt())
                .containsExactly(
                        free,
                        free.minusMillis(1),
                        free,
                        latestFree(created.plus(LIFETIME).plusSeconds(1)));
    }

    @Test
    void onlyWhatAllSignNowProvesWhenAKeyWasSettledAtTheLatest() {
        Instant free = FAR_AHEAD.plus(JournalRetention.KEY_KEPT);
        accept(request(1, NOW), sign(1, 1));
        accept(settled(2, free));
        accept(request(3, NOW.plusSeconds(1)), ended(3));
        accept(sign(1, 2), request(4, NOW), sign(4, 1));
        assertThat(keysFreeAt()).as("nothing newer is signed").containsExactly(free);
        accept(new JournalRecord.Final(id(3), List.of()));
        assertThat(keysFreeAt()).as("it may have been long ago").containsExactly(free);
        accept(new JournalRecord.Recovering(false), request(5, NOW.plusSeconds(2)), sign(5, 1));
        assertThat(keysFreeAt()).as("it was, and is handed over").containsExactly(free);
        accept(new JournalRecord.Recovered(), request(6, NOW.plusSeconds(3)), sign(6, 1));
        assertThat(keysFreeAt()).containsExactly(latestFree(NOW.plusSeconds(3).plus(LIFETIME)));
    }

    /// A snapshot has sessions that were signed in before it was settled.
    @Test
    void keyOfASnapshotIsNotCutByWhatWasSignedBeforeIt() {
        Instant free = FAR_AHEAD.plus(JournalRetention.KEY_KEPT);
        accept(request(1, NOW), sign(1, 1), request(2, NOW.plusSeconds(1)), sign(2, 1));
        accept(settled(3, free));
        GroupState again = new GroupState(TestJournals.ID, retention);
        state.records().forEach(record -> again.accept(record, null));
        assertThat(again.settled()).containsExactly(settled(3, free));
    }

    @Test
    void wallClockAloneForgetsNothingAndNeitherDoesTheJournalAlone() {
        // The newest request proves that it is at least its expiry less the longest lifetime.
        Instant newest = NOW.plus(SKEW).plus(LIFETIME);
        for (boolean proven : new boolean[] {false, true}) {
            for (boolean wall : new boolean[] {false, true}) {
                Instant now = NOW.plus(SKEW).minusMillis(wall ? 0 : 1);
                JournalState journal = new JournalState(retention, now);
                journal.begin(TestJournals.ID);
                for (JournalRecord record :
                        List.of(
                                ready(1, 1, REQUEST, COIN),
                                ended(1),
                                new JournalRecord.Ready(
                                        id(2),
                                        1,
                                        0,
                                        REQUEST,
                                        COIN,
                                        newest.minusMillis(proven ? 0 : 1).toEpochMilli()))) {
                    journal.accept(new JournalEntry(GROUP, record), null);
                }
                // Says no time: its request was in an earlier one.
                journal.accept(
                        new JournalEntry(
                                GROUP,
                                new JournalRecord.Ready(
                                        id(2), 2, 0, Bytes.EMPTY, COIN, Long.MAX_VALUE)),
                        null);
                journal.forgetAll();
                assertThat(journal.group(GROUP).sessions().containsKey(id(1)))
                        .as("proven %s, wall clock %s", proven, wall)
                        .isEqualTo(!(proven && wall));
                assertThat(journal.now()).isEqualTo(now);
            }
        }
    }

    @Test
    void nothingIsForgottenByAJournalThatProvesNoTime() {
        JournalState journal = new JournalState(retention, Instant.ofEpochMilli(Long.MAX_VALUE));
        journal.begin(TestJournals.ID);
        journal.accept(
                new JournalEntry(
                        GROUP,
                        new JournalRecord.Settled(
                                id(1),
                                0,
                                Bytes.fromHex("4b"),
                                Bytes.EMPTY,
                                Instant.EPOCH,
                                Bytes.EMPTY)),
                null);
        journal.forgetAll();
        assertThat(journal.group(GROUP).settled()).hasSize(1);
    }

    @Test
    void stateOfNoJournalIsAskedForNothing() {
        JournalState journal = new JournalState(retention, NOW);
        assertThatThrownBy(() -> journal.group(GROUP)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatIsSaidOfLostJournalsIsSaidAgain() {
        RecoveryState recovery = new RecoveryState();
        assertThat(recovery.records()).isEmpty();
        assertThat(recovery.began()).isFalse();
        assertThat(recovery.earlierUnknown()).isFalse();
        List<JournalRecord.OfRecovery> records =
                List.of(
                        new JournalRecord.Recovering(true),
                        new JournalRecord.Consent(
                                1,
                                0,
                                Bytes.fromHex("01".repeat(16)),
                                Optional.empty(),
                                false,
                                List.of(),
                                Bytes.wrap(new byte[64])),
                        new JournalRecord.HandedOver(2),
                        new JournalRecord.Recovered());
        records.forEach(recovery::accept);
        assertThat(recovery.began()).isTrue();
        assertThat(recovery.earlierUnknown()).isTrue();
        assertThat(recovery.handedOver()).containsExactly(2);
        assertThat(recovery.over()).isTrue();
        assertThat(recovery.records()).isEqualTo(records);
        recovery.accept(new JournalRecord.Recovering(false));
        assertThat(recovery.earlierUnknown()).as("said once is said").isTrue();
    }
}
