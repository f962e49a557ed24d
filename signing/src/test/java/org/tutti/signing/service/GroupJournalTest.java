package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Approval;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.HoldListener;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalCompactor;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.JournalRetention;
import org.tutti.signing.journal.JournalState;
import org.tutti.signing.journal.MemoryJournalFiles;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionTimeouts;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// What a group starts from, before and while the loop runs, and what it is configured with.
class GroupJournalTest {
    private static final SigningLimits LIMITS = SigningLimits.DEFAULT;
    private static final JournalRetention RETENTION = JournalRetention.of(LIMITS);
    private static final Bytes BOOT = Bytes.fromHex("b0".repeat(16));
    private static final JournalRecord EARLIER = agreed(0);
    private static final JournalRecord LATER = agreed(1);

    private final GroupFixture fixture = new GroupFixture(2, 92);
    private final SignerGroup group = fixture.group;
    private final MemoryJournalFiles files = new MemoryJournalFiles();
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
    private Journal journal;
    private EventLoop loop;
    private GroupJournal groups;

    private static JournalRecord agreed(int signer) {
        return new JournalRecord.Agreed(signer, Bytes.fromHex("7e"), Bytes.wrap(new byte[64]));
    }

    @BeforeEach
    void open() throws IOException {
        TestJournals.open(files).append(group.id(), List.of(EARLIER));
        JournalState state = new JournalState(RETENTION, GroupFixture.NOW);
        journal = TestJournals.open(files, state);
        loop =
                new EventLoop(
                        journal,
                        new JournalCompactor(
                                journal,
                                RETENTION,
                                InstantSource.system(),
                                Runnable::run,
                                () -> {},
                                _ -> {}),
                        InstantSource.fixed(GroupFixture.NOW),
                        () -> 0,
                        failure::complete);
        groups =
                new GroupJournal(
                        journal, loop, RETENTION, InstantSource.fixed(GroupFixture.NOW), state);
    }

    @AfterEach
    void close() throws IOException {
        journal.close();
        fixture.close();
    }

    private GroupJournal.Start start() throws IOException {
        return groups.start(group, BOOT, LIMITS);
    }

    private JournalHead expected(JournalRecord... records) {
        return TestJournals.head(group.id(), List.of(records));
    }

    @Test
    void groupStartsFromTheJournalWithTheEntryOfItsStart() throws IOException {
        GroupJournal.Start start = start();
        assertThat(start.started()).isEqualTo(new JournalRecord.Started(BOOT));
        assertThat(start.head()).isEqualTo(expected(EARLIER, start.started()));
        assertThat(start.replay().ownHeads().has(start.head())).isTrue();
        assertThat(start.replay().ownHeads().has(expected(EARLIER))).isTrue();
        assertThat(journal.head(group.id()))
                .as("it is not written yet")
                .isEqualTo(expected(EARLIER));
    }

    /// The reading at the start is given once; what was written since is in no other.
    @Test
    void groupThatIsAddedAgainStartsFromWhatIsThereThen() throws IOException {
        start();
        journal.append(group.id(), List.of(LATER));
        JournalHead head = start().head();
        assertThat(head).isEqualTo(expected(EARLIER, LATER, new JournalRecord.Started(BOOT)));
        assertThat(start().replay().ownHeads().has(head)).isTrue();
    }

    @Test
    void whileTheLoopRunsTheJournalIsReadAgain() throws Exception {
        Thread looping = Thread.ofPlatform().start(loop::run);
        groups.started();
        CompletableFuture<Boolean> written = new CompletableFuture<>();
        loop.query(() -> {
            try {
                journal.append(group.id(), List.of(LATER));
                written.complete(true);
            } catch (IOException e) {
                written.completeExceptionally(e);
            }
        });
        assertThat(written.get()).isTrue();
        assertThat(start().head())
                .isEqualTo(expected(EARLIER, LATER, new JournalRecord.Started(BOOT)));
        assertThat(groups.read(group.id()).agreed()).hasSize(2);
        groups.awaitLoop();
        loop.stop();
        looping.join();
    }

    @Test
    void nodeThatCanSignNoMoreStartsNothing() throws Exception {
        Thread looping = Thread.ofPlatform().start(loop::run);
        groups.started();
        files.failing(() -> true);
        CompletableFuture<Boolean> tried = new CompletableFuture<>();
        loop.query(() -> {
            try {
                journal.force();
            } catch (IOException e) {
                tried.complete(true);
            }
        });
        assertThat(tried.get()).isTrue();
        assertThatThrownBy(() -> groups.read(group.id()))
                .as("the journal's own reason")
                .isInstanceOf(IOException.class);
        loop.stop();
        looping.join();
    }

    // --- what is configured

    @Test
    void participationKeepsWhatIsNotChanged() {
        Approval approval = Approval.holdingNothing((_, _) -> new Decision.Refused("NO", "no"));
        HoldListener holds = new HoldListener() {};
        Consumer<SessionEvent> listener = _ -> {};
        SessionTimeouts timeouts =
                new SessionTimeouts(
                        Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3));
        GroupParticipation plain = GroupParticipation.of(group, fixture.owner(0).key(), approval);
        assertThat(plain.terms()).isEqualTo(Bytes.EMPTY);
        assertThat(plain.timeouts()).isEqualTo(SessionTimeouts.DEFAULT);
        GroupParticipation all =
                plain.withTerms(GroupFixture.TERMS)
                        .withTimeouts(timeouts)
                        .withHoldListener(holds)
                        .withListener(listener);
        assertThat(all)
                .isEqualTo(
                        new GroupParticipation(
                                group,
                                fixture.owner(0).key(),
                                approval,
                                GroupFixture.TERMS,
                                timeouts,
                                holds,
                                List.of(),
                                listener));
        assertThat(all).hasToString("participation in " + group);
    }

    @Test
    void serviceNeedsItsHostIdentityAndFolder() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SigningService.builder().build())
                .withMessage("a signing service needs its host");
        SigningServiceBuilder builder =
                SigningService.builder().identity(fixture.owner(0).identity());
        assertThatIllegalArgumentException()
                .isThrownBy(builder::evidenceFolder)
                .withMessage("a signing service needs its data folder");
        assertThatIllegalArgumentException()
                .isThrownBy(builder::openJournal)
                .withMessage("a signing service needs its data folder");
        assertThat(builder.identity()).isEqualTo(fixture.owner(0).identity());
    }

    @Test
    void journalThatIsGivenTakesThePlaceOfTheOneInTheFolder() throws IOException {
        assertThat(SigningService.builder().journalFiles(files).openJournal()).isSameAs(files);
    }
}
