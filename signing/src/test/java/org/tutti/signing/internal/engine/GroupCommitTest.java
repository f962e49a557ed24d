package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalCompactor;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.JournalRetention;
import org.tutti.signing.journal.MemoryJournalFiles;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.signing.session.SessionTimeouts;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// SAFETY 3: the order of journal and messages.
class GroupCommitTest {
    private static final EngineOutput FIRST = new EngineOutput.Broadcast(Bytes.fromHex("01"));
    private static final EngineOutput SECOND = new EngineOutput.Broadcast(Bytes.fromHex("02"));
    private static final EngineOutput THIRD = new EngineOutput.Send(1, Bytes.fromHex("03"));
    private static final SessionId SESSION = new SessionId(Bytes.wrap(new byte[32]));
    private static final EngineOutput FORCED =
            new EngineOutput.Append(
                    new JournalRecord.Ready(SESSION, 1, 0, Bytes.EMPTY, Hold.NONE, Long.MAX_VALUE));
    private static final EngineOutput WRITTEN =
            new EngineOutput.Append(new JournalRecord.Ended(SESSION, "EXPIRED"));

    private final OneEngine alice = new OneEngine();
    private final OneEngine bob = new OneEngine(new GroupFixture(3, 4321), SigningLimits.DEFAULT);
    private final MemoryJournalFiles file = new MemoryJournalFiles(true);
    private final List<String> order = new ArrayList<>();
    private final List<EngineOutput> performed = new ArrayList<>();
    private Journal journal;
    private GroupEngine ofAlice;
    private GroupEngine ofBob;
    private GroupCommit commit;

    @BeforeEach
    void open() throws IOException {
        journal = TestJournals.open(file);
        file.probe(order::add);
        ofAlice = engine(alice);
        ofBob = engine(bob);
        commit = new GroupCommit(List.of(ofAlice, ofBob), journal);
    }

    private GroupEngine engine(OneEngine one) {
        return new GroupEngine(
                one.fixture.group.id(),
                one.engine,
                output -> {
                    performed.add(output);
                    order.add("perform");
                });
    }

    private void perform(EngineOutput... outputs) {
        commit.perform(ofAlice.outputs(List.of(outputs)), Instant.EPOCH);
    }

    @AfterEach
    void close() throws IOException {
        journal.close();
        alice.close();
        bob.close();
    }

    @Test
    void outputAfterAForcedEntryWaitsForTheDisk() {
        perform(FIRST, FORCED, SECOND, THIRD);
        assertThat(order)
                .containsExactly("perform", "append", "force", "after force", "perform", "perform");
        assertThat(performed).containsExactly(FIRST, SECOND, THIRD);
    }

    @Test
    void outputAfterAnotherEntryWaitsUntilItIsWritten() {
        perform(FIRST, WRITTEN, SECOND);
        assertThat(order).containsExactly("perform", "append", "perform");
    }

    @Test
    void journalThatIsLostWhileItIsCompactedStopsSigning() {
        JournalCompactor compactor =
                new JournalCompactor(
                        journal,
                        new JournalRetention(Duration.ZERO, Duration.ZERO, 0, -1),
                        () -> Instant.EPOCH,
                        Runnable::run,
                        () -> {},
                        _ -> {});
        EngineTime now = EngineTime.of(Instant.EPOCH);
        commit.compact(compactor, now);
        file.namesFail(() -> true);
        commit.compact(compactor, now);
        assertThat(commit.failed()).isTrue();
        assertThat(performed).hasAtLeastOneElementOfType(EngineOutput.Emit.class);
        commit.compact(compactor, now);
        assertThat(commit.failure()).isPresent();
    }

    @Test
    void allEntriesOfABatchNeedOneForce() {
        perform(FORCED, FIRST, WRITTEN, FORCED, SECOND);
        assertThat(order).containsExactly("append", "force", "after force", "perform", "perform");
        assertThat(journal.forces()).isEqualTo(1);
    }

    @Test
    void batchOfTwoGroupsNeedsOneWriteAndOneForce() {
        JournalHead before = journal.head(ofBob.group());
        List<GroupOutput> batch = new ArrayList<>(ofAlice.outputs(List.of(FORCED, FIRST)));
        batch.addAll(ofBob.outputs(List.of(WRITTEN, SECOND, FORCED, THIRD)));
        commit.perform(batch, Instant.EPOCH);
        assertThat(order)
                .containsExactly("append", "force", "after force", "perform", "perform", "perform");
        assertThat(performed).containsExactly(FIRST, SECOND, THIRD);
        assertThat(journal.forces()).isEqualTo(1);
        assertThat(journal.head(ofAlice.group()).count()).isEqualTo(1);
        assertThat(journal.head(ofBob.group()).count()).isEqualTo(before.count() + 2);
    }

    @Test
    void failingDiskStopsAllGroups() {
        file.failing(() -> true);
        perform(FORCED);
        assertThat(performed)
                .filteredOn(
                        output -> output instanceof EngineOutput.Emit(SessionEvent.JournalFailed _))
                .hasSize(2);
    }

    @Test
    void failingDiskKeepsMessagesBackAndStopsTheEngine() {
        file.failing(() -> true);
        EngineOutput finish =
                new EngineOutput.Finish(
                        new SessionOutcome.Refused(SESSION, alice.self(), "NO", "no", false));
        perform(FIRST, FORCED, SECOND, THIRD, finish);
        assertThat(commit.failed()).isTrue();
        assertThat(performed)
                .contains(FIRST, finish)
                .doesNotContain(SECOND, THIRD)
                .anyMatch(output ->
                        output instanceof EngineOutput.Emit(SessionEvent event)
                                && event instanceof SessionEvent.JournalFailed);
    }

    /// An attempt whose time is over ends in the next one, also when the disk fails in between.
    @Test
    void anAttemptThatIsDueWhenTheDiskFailsIsNotToldToOthers() {
        Duration nonces = SessionTimeouts.DEFAULT.nonces();
        try (OneEngine twin = new OneEngine()) {
            twin.toNonces(twin.approvedRequest(1));
            assertThat(twin.tickAfter(nonces))
                    .as("what would be told with a disk")
                    .anyMatch(EngineOutput.Broadcast.class::isInstance);
        }
        SigningRequest request = alice.approvedRequest(1);
        alice.toNonces(request);
        EngineTime due = EngineTime.of(alice.now.plus(nonces));
        commit.fail(new IOException("no space"), "no space", due);
        assertThat(performed)
                .noneMatch(EngineOutput.Broadcast.class::isInstance)
                .noneMatch(EngineOutput.Send.class::isInstance)
                .anyMatch(output ->
                        output instanceof EngineOutput.Finish finish
                                && finish.outcome().sessionId().equals(request.sessionId()));
    }

    @Test
    void signaturesThatAFailingDiskDoesNotHaveAreNotToldToTheirOwner() {
        file.failing(() -> true);
        SigningRequest request = alice.fixture.request(0, 1);
        List<SchnorrSignature> signatures = List.of(new SchnorrSignature(Bytes.wrap(new byte[64])));
        perform(
                FORCED,
                new EngineOutput.HoldChanged(
                        EngineOutput.HoldChanged.Change.SIGNED,
                        request,
                        Hold.NONE,
                        signatures,
                        Instant.EPOCH),
                new EngineOutput.Emit(new SessionEvent.Signed(Instant.EPOCH, request, signatures)),
                new EngineOutput.Finish(
                        new SessionOutcome.Signed(request.sessionId(), signatures)));
        assertThat(performed)
                .noneMatch(output -> output instanceof EngineOutput.Emit(SessionEvent.Signed _));
        assertThat(performed)
                .filteredOn(EngineOutput.HoldChanged.class::isInstance)
                .extracting(output -> ((EngineOutput.HoldChanged) output).change())
                .containsExactly(EngineOutput.HoldChanged.Change.UNKNOWN);
        assertThat(performed)
                .filteredOn(EngineOutput.Finish.class::isInstance)
                .extracting(output -> ((EngineOutput.Finish) output).outcome())
                .satisfiesExactly(outcome -> {
                    assertThat(outcome).isInstanceOf(SessionOutcome.Aborted.class);
                    assertThat(outcome.partialsLeft()).isTrue();
                });
    }

    @Test
    void entryThatCannotBeWrittenKeepsBackWhatFollowsIt() {
        EngineOutput tooLarge =
                new EngineOutput.Append(
                        new JournalRecord.Refused(Bytes.wrap(new byte[Journal.MAX_PAYLOAD])));
        EngineOutput finish =
                new EngineOutput.Finish(
                        new SessionOutcome.Refused(SESSION, alice.self(), "NO", "no", false));
        assertThat(commit.failed()).isFalse();
        perform(FIRST, tooLarge, SECOND, THIRD, finish);
        assertThat(commit.failed()).isTrue();
        assertThat(performed).contains(FIRST, finish).doesNotContain(SECOND, THIRD);
        assertThat(commit.failure()).isPresent();
        assertThat(commit.failure()).as("told once").isEmpty();
    }
}
