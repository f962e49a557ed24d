package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.journal.ForgottenTimes;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;

class JournalReplayTest {
    private final GroupFixture fixture = new GroupFixture(3, 6);
    private final SigningRequest request = fixture.request(1, 1);
    private final Bytes envelope = fixture.owner(1).envelopeSigner().sign(request).envelope();

    @AfterEach
    void close() {
        fixture.close();
    }

    private JournalReplay replay(Instant now, JournalRecord... records) {
        SigningLimits limits = SigningLimits.DEFAULT;
        return new JournalReplay(
                fixture.group,
                limits,
                TestJournals.state(limits, now, fixture.group.id(), List.of(records)));
    }

    private JournalReplay replay(JournalRecord... records) {
        return replay(GroupFixture.NOW, records);
    }

    private JournalRecord.Ready ready(int attempt, int restarts) {
        return new JournalRecord.Ready(
                request.sessionId(),
                attempt,
                restarts,
                attempt == 1 ? envelope : Bytes.EMPTY,
                Hold.NONE,
                request.expires().toEpochMilli());
    }

    private JournalRecord.Sign sign() {
        List<Bytes> nonces = List.of(Bytes.fromHex("00"), Bytes.fromHex("01"), Bytes.fromHex("02"));
        return new JournalRecord.Sign(
                request.sessionId(),
                1,
                List.of(),
                nonces,
                List.of(),
                Bytes.EMPTY,
                Bytes.fromHex("aa"));
    }

    private JournalReplay.ReplayedSession session(JournalReplay replay) {
        return Objects.requireNonNull(replay.sessions().get(request.sessionId()));
    }

    @Test
    void highestAttemptAndNumberOfRestartsAreKept() {
        JournalReplay.ReplayedSession session =
                session(replay(ready(1, 0), ready(5, 2), ready(3, 1)));
        assertThat(session.attempt()).isEqualTo(5);
        assertThat(session.restarts()).isEqualTo(2);
        assertThat(session.request().request()).isEqualTo(request);
    }

    @Test
    void onlyTheStoredEnvelopesOfASignedAttemptMayBeSentAgain() {
        JournalReplay.ReplayedSession session = session(replay(ready(1, 0), sign()));
        assertThat(JournalReplay.resendable(session, 1))
                .containsExactly(Bytes.fromHex("01"), Bytes.fromHex("aa"));
        assertThat(JournalReplay.resendable(session(replay(ready(1, 0))), 1)).isEmpty();
    }

    @Test
    void endOfASessionIsKeptAndSoIsTheAttemptThatItWasSignedIn() {
        JournalRecord.Ended end = new JournalRecord.Ended(request.sessionId(), "EXPIRED");
        JournalReplay.ReplayedSession session = session(replay(ready(1, 0), sign(), end));
        assertThat(session.end()).isEqualTo(end);
        assertThat(session.sign()).as("its partial signatures left").isNotNull();
    }

    /// Another process with its keys made the partial signatures.
    @Test
    void signedSessionBindsWhatItHoldsAlsoWithoutOwnPartialSignatures() {
        JournalRecord.Ready ready =
                new JournalRecord.Ready(
                        request.sessionId(),
                        1,
                        0,
                        envelope,
                        new Hold(Set.of(Bytes.fromHex("c0")), Bytes.fromHex("aa")),
                        request.expires().toEpochMilli());
        JournalRecord.Final signed =
                new JournalRecord.Final(request.sessionId(), List.of(Bytes.wrap(new byte[64])));
        JournalReplay.ReplayedSession session = session(replay(request.expires(), ready, signed));
        assertThat(session.bindsHold()).isTrue();
        assertThat(session.expired()).isTrue();
        assertThat(replay(request.expires(), ready).sessions()).isEmpty();
    }

    @Test
    void expiredRequestIsSkipped() {
        assertThat(replay(request.expires(), ready(1, 0)).sessions()).isEmpty();
        assertThat(replay(request.expires().minusMillis(1), ready(1, 0)).sessions()).hasSize(1);
    }

    @Test
    void whatIsSkippedIsForgottenLikeWhatTheJournalHasLeftOut() {
        ForgottenTimes.Range earlier = new ForgottenTimes.Range(7, 9);
        JournalRecord heads =
                new JournalRecord.Heads(1, Bytes.wrap(new byte[32]), List.of(earlier), 0);
        JournalReplay later = replay(request.expires(), ready(1, 0), heads);
        later.sessions();
        long expires = request.expires().toEpochMilli();
        assertThat(later.forgotten().ranges())
                .containsExactly(earlier, new ForgottenTimes.Range(expires, expires));
        JournalReplay before = replay(request.expires().minusMillis(1), ready(1, 0), heads);
        before.sessions();
        assertThat(before.forgotten().ranges()).containsExactly(earlier);
    }

    @Test
    void requestOfAnotherGroupOrWithAWrongSignatureIsSkipped() {
        try (GroupFixture other = new GroupFixture(3, 7)) {
            SigningRequest foreign = other.request(1, 1);
            Bytes signed = other.owner(1).envelopeSigner().sign(foreign).envelope();
            assertThat(
                            replay(
                                            new JournalRecord.Ready(
                                                    foreign.sessionId(),
                                                    1,
                                                    0,
                                                    signed,
                                                    Hold.NONE,
                                                    request.expires().toEpochMilli()))
                                    .sessions())
                    .isEmpty();
        }
        byte[] changed = envelope.toArray();
        changed[changed.length - 1] ^= 1;
        assertThat(
                        replay(
                                        new JournalRecord.Ready(
                                                request.sessionId(),
                                                1,
                                                0,
                                                Bytes.wrap(changed),
                                                Hold.NONE,
                                                request.expires().toEpochMilli()))
                                .sessions())
                .isEmpty();
    }

    @Test
    void noncesOfTheLastSignedAttemptAreTheStatementsWithTheHeadsOfOthers() {
        Statement nonces =
                fixture.owner(1)
                        .envelopeSigner()
                        .sign(
                                request.sessionId(),
                                1,
                                new Contribution.Nonces(List.of(), TestJournals.NO_ENTRY));
        JournalRecord.Sign sign =
                new JournalRecord.Sign(
                        request.sessionId(),
                        1,
                        List.of(),
                        List.of(envelope, nonces.envelope(), Bytes.fromHex("00")),
                        List.of(),
                        Bytes.EMPTY,
                        Bytes.EMPTY);
        assertThat(replay(ready(1, 0), sign).statementsWithHeads())
                .as("what is no statement is passed over")
                .extracting(Statement::envelope)
                .containsExactly(nonces.envelope());
        assertThat(replay(ready(1, 0)).statementsWithHeads()).isEmpty();
    }

    @Test
    void keysAreTakenUntilTheirTime() {
        JournalRecord.Settled settled =
                new JournalRecord.Settled(
                        request.sessionId(),
                        1,
                        Bytes.fromHex("4b"),
                        Bytes.EMPTY,
                        GroupFixture.NOW,
                        Bytes.EMPTY);
        assertThat(replay(GroupFixture.NOW.minusMillis(1), settled).settled())
                .containsExactly(settled);
        assertThat(replay(GroupFixture.NOW, settled).settled())
                .as("nobody but this clock says so")
                .containsExactly(settled);
        JournalRecord heads = agreed(GroupFixture.NOW);
        assertThat(replay(GroupFixture.NOW, settled, heads).settled()).isEmpty();
        assertThat(replay(GroupFixture.NOW.minusMillis(1), settled, heads).settled())
                .containsExactly(settled);
        Instant far = GroupFixture.NOW.plus(Duration.ofDays(26_000));
        assertThat(replay(far, settled, agreed(GroupFixture.NOW.minusMillis(1))).settled())
                .containsExactly(settled);
    }

    private static JournalRecord agreed(Instant time) {
        return new JournalRecord.Heads(1, Bytes.wrap(new byte[32]), List.of(), time.toEpochMilli());
    }

    @Test
    void keysAreTakenForAsLongAsAllAgreeAndNoLongerThanFromTheStartOn() {
        Instant now = GroupFixture.NOW;
        JournalRecord.Settled settled = keyFreeAt(now.plusSeconds(60));
        assertThat(replay(now, settled, agreed(now)).keyTakenFor(settled))
                .isEqualTo(Duration.ofSeconds(60));
        assertThat(replay(now, settled, agreed(now.minusSeconds(9))).keyTakenFor(settled))
                .isEqualTo(Duration.ofSeconds(69));
        assertThat(replay(now.minusSeconds(5), settled, agreed(now)).keyTakenFor(settled))
                .isEqualTo(Duration.ofSeconds(65));
        assertThat(replay(now, settled).keyTakenFor(settled)).isEqualTo(HoldRegistry.KEY_KEPT);
        JournalRecord.Settled ahead = keyFreeAt(now.plus(Duration.ofDays(26_000)));
        assertThat(replay(now, ahead, agreed(now)).keyTakenFor(ahead))
                .as("dated by a clock that was far ahead")
                .isEqualTo(HoldRegistry.KEY_KEPT);
    }

    private JournalRecord.Settled keyFreeAt(Instant time) {
        return new JournalRecord.Settled(
                request.sessionId(), 1, Bytes.fromHex("4b"), Bytes.EMPTY, time, Bytes.EMPTY);
    }

    @Test
    void journalThatWentBackIsRefused() {
        assertThat(replay().refused()).isFalse();
        assertThat(replay(new JournalRecord.Refused(Bytes.EMPTY)).refused()).isTrue();
    }

    @Test
    void requestsAreFreedOnceTheyWereRead() {
        JournalReplay replay = replay(ready(1, 0));
        assertThat(replay.sessions()).hasSize(1);
        replay.clear();
        assertThat(replay.sessions()).isEmpty();
    }

    @Test
    void signerThatIsNotAmongTheNoncesSendsNothingAgain() {
        assertThat(JournalReplay.resendable(session(replay(ready(1, 0), sign())), 3)).isEmpty();
    }
}
