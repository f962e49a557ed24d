package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.engine.EngineInput;
import org.tutti.signing.internal.engine.EngineOutput;
import org.tutti.signing.internal.engine.EngineTime;
import org.tutti.signing.internal.engine.GroupEngine;
import org.tutti.signing.internal.engine.OneEngine;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalCompactor;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.JournalRetention;
import org.tutti.signing.journal.MemoryJournalFiles;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// How a loop ends that cannot go on.
class EventLoopTest {
    private final OneEngine alice = new OneEngine();
    private final List<EngineOutput> performed = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final List<String> operations = new ArrayList<>();
    private final GroupEngine group =
            new GroupEngine(TestJournals.GROUP, alice.engine, this::perform);
    private final MemoryJournalFiles files = new MemoryJournalFiles(true);
    private Journal journal;
    private EventLoop loop;

    /// Since the start of the fixture's time.
    private Duration passed = Duration.ZERO;

    @BeforeEach
    void open() throws IOException {
        journal = TestJournals.open(files);
        files.probe(operations::add);
        JournalCompactor compactor =
                new JournalCompactor(
                        journal,
                        new JournalRetention(Duration.ZERO, Duration.ZERO, 0, -1),
                        InstantSource.system(),
                        Runnable::run,
                        () -> {},
                        _ -> {});
        loop =
                new EventLoop(
                        journal,
                        compactor,
                        () -> GroupFixture.NOW.plus(passed),
                        () -> EngineTime.of(GroupFixture.NOW.plus(passed)).boot().toNanos(),
                        failures::add);
    }

    @AfterEach
    void close() throws IOException {
        journal.close();
        alice.close();
    }

    private void perform(EngineOutput output) {
        if (output instanceof EngineOutput.SaveEvidence) {
            throw new EvidenceNotSavedException(Path.of("evidence"), new IOException("disk full"));
        }
        performed.add(output);
    }

    @Test
    void journalIsCompactedBetweenBatches() {
        long before = journal.size();
        loop.join(group, _ -> List.of());
        loop.post(group, new EngineInput.Tick());
        loop.query(() -> {
            loop.query(loop::stop);
        });
        loop.run();
        assertThat(failures).isEmpty();
        assertThat(operations).contains("create temporary", "replace", "after force names");
        assertThat(journal.size()).isEqualTo(before);
    }

    @Test
    void errorWipesTheSecretNonces() {
        alice.toNonces(alice.approvedRequest(2));
        assertThat(alice.recorder.unwiped()).isEqualTo(2);
        Error exhausted = new OutOfMemoryError("a test");
        loop.join(
                group,
                _ -> {
                    throw exhausted;
                });
        loop.run();
        assertThat(failures).containsExactly(exhausted);
        assertThat(alice.recorder.unwiped()).isZero();
    }

    @Test
    void nothingIsToldOfEvidenceThatIsNotOnDisk() {
        EngineOutput told = new EngineOutput.Broadcast(Bytes.fromHex("01"));
        loop.join(
                group,
                _ -> List.of(new EngineOutput.SaveEvidence("a.evidence", Bytes.EMPTY), told));
        loop.run();
        assertThat(performed).isEmpty();
        assertThat(failures)
                .singleElement()
                .isInstanceOfSatisfying(
                        SigningStoppedException.class,
                        e -> assertThat(e.code()).isEqualTo("EVIDENCE_FAILED"));
    }

    @Test
    void entriesOfTwoGroupsInOneBatchNeedOneForce() {
        try (OneEngine bob = new OneEngine()) {
            GroupEngine other =
                    new GroupEngine(Bytes.fromHex("61".repeat(32)), bob.engine, this::perform);
            EngineOutput entry =
                    new EngineOutput.Append(
                            new JournalRecord.Started(Bytes.fromHex("b0".repeat(16))));
            loop.join(group, _ -> List.of(entry));
            loop.join(other, _ -> List.of(entry, entry));
            List<Long> forces = new ArrayList<>();
            loop.query(() -> forces.add(journal.forces()));
            loop.stop();
            loop.run();
            assertThat(failures).isEmpty();
            assertThat(forces).containsExactly(1L);
            assertThat(journal.head(group.group()).count()).isEqualTo(1);
            assertThat(journal.head(other.group()).count()).isEqualTo(2);
        }
    }

    @Test
    void groupThatHasLeftIsSuspendedAndHandlesNothing() {
        alice.toNonces(alice.approvedRequest(2));
        List<String> done = new ArrayList<>();
        loop.join(group, _ -> List.of());
        loop.leave(group);
        loop.post(group, new EngineInput.Tick(), () -> done.add("handled or not"));
        loop.query(() -> done.add("query"));
        loop.stop();
        loop.run();
        assertThat(alice.recorder.unwiped()).isZero();
        assertThat(done).containsExactly("handled or not", "query");
        assertThat(performed)
                .singleElement()
                .isInstanceOfSatisfying(
                        EngineOutput.Finish.class,
                        finish ->
                                assertThat(finish.outcome())
                                        .isInstanceOfSatisfying(
                                                SessionOutcome.Aborted.class,
                                                aborted ->
                                                        assertThat(aborted.code())
                                                                .isEqualTo("GROUP_DROPPED")));
        assertThat(journal.forces()).isZero();
    }

    private List<String> codes() {
        return performed.stream()
                .filter(EngineOutput.Finish.class::isInstance)
                .map(output -> ((EngineOutput.Finish) output).outcome())
                .map(outcome -> ((SessionOutcome.Aborted) outcome).code())
                .toList();
    }

    private long journalFailures() {
        return performed.stream()
                .filter(output -> output instanceof EngineOutput.Emit(SessionEvent.JournalFailed _))
                .count();
    }

    @Test
    void stoppingSuspendsTheSessionsOfAllGroupsAndWipesTheirNonces() {
        alice.toNonces(alice.approvedRequest(2));
        loop.join(group, _ -> List.of());
        loop.stop();
        loop.run();
        assertThat(alice.recorder.unwiped()).isZero();
        assertThat(codes()).containsExactly("SHUTTING_DOWN");
        assertThat(failures).isEmpty();
        assertThat(loop.failed()).isFalse();
    }

    @Test
    void interruptStopsItToo() throws InterruptedException {
        alice.toNonces(alice.approvedRequest(1));
        CountDownLatch running = new CountDownLatch(1);
        loop.join(group, _ -> List.of());
        loop.query(running::countDown);
        Thread thread = Thread.ofPlatform().start(loop::run);
        running.await();
        thread.interrupt();
        thread.join();
        assertThat(codes()).containsExactly("SHUTTING_DOWN");
        assertThat(alice.recorder.unwiped()).isZero();
    }

    @Test
    void interruptStopsItAlsoWhileTasksWait() throws InterruptedException {
        CountDownLatch running = new CountDownLatch(1);
        Runnable always =
                new Runnable() {
                    @Override
                    public void run() {
                        running.countDown();
                        loop.query(this);
                    }
                };
        loop.join(group, _ -> List.of());
        loop.query(always);
        Thread thread = Thread.ofPlatform().start(loop::run);
        running.await();
        thread.interrupt();
        boolean ended = thread.join(Duration.ofSeconds(30));
        loop.stop();
        assertThat(ended).isTrue();
        assertThat(failures).isEmpty();
    }

    @Test
    void deadlineThatHasPassedIsLookedAtInTheNextBatch() {
        alice.toNonces(alice.approvedRequest(1));
        passed = Duration.ofHours(1);
        loop.join(group, _ -> List.of());
        loop.query(() -> {
            assertThat(codes()).containsExactly("EXPIRED");
            loop.stop();
        });
        loop.run();
        assertThat(failures).isEmpty();
        assertThat(codes()).containsExactly("EXPIRED");
    }

    /// Halfway to the readiness deadline it asks for the messages that are missing.
    @Test
    void deadlineWakesItWithoutAnyTask() throws InterruptedException {
        alice.approvedRequest(1);
        CountDownLatch asked = new CountDownLatch(1);
        GroupEngine watched =
                new GroupEngine(
                        TestJournals.GROUP,
                        alice.engine,
                        output -> {
                            if (output instanceof EngineOutput.Broadcast) {
                                asked.countDown();
                            }
                        });
        Instant soon = alice.engine.nextDeadline().orElseThrow().minusMillis(20);
        AtomicLong start =
                new AtomicLong(); // The time stands until the batch of its start is over.
        InstantSource clock =
                () -> start.get() == 0 ? soon : soon.plusNanos(System.nanoTime() - start.get());
        EventLoop other =
                new EventLoop(
                        journal,
                        new JournalCompactor(
                                journal,
                                new JournalRetention(Duration.ZERO, Duration.ZERO, 0, 1 << 30),
                                clock,
                                Runnable::run,
                                () -> {},
                                _ -> {}),
                        clock,
                        () -> EngineTime.of(clock.instant()).boot().toNanos(),
                        failures::add);
        other.join(watched, _ -> List.of());
        other.query(() -> start.set(System.nanoTime()));
        Thread thread = Thread.ofPlatform().start(other::run);
        assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
        other.stop();
        thread.join();
        assertThat(failures).isEmpty();
    }

    @Test
    void journalThatCannotBeWrittenIsToldOnceAndGroupsThatComeLaterSignNothing() {
        files.failing(() -> true);
        EngineOutput entry =
                new EngineOutput.Append(new JournalRecord.Started(Bytes.fromHex("b0".repeat(16))));
        loop.join(group, _ -> List.of(entry));
        loop.query(() -> {
            assertThat(loop.failed()).isTrue();
            loop.join(group, _ -> List.of(entry));
            loop.query(loop::stop);
        });
        loop.run();
        assertThat(failures).singleElement().isInstanceOf(IOException.class);
        assertThat(journalFailures()).as("the first time, and when it joins again").isEqualTo(2);
        assertThat(loop.failed()).isTrue();
    }

    @Test
    void errorInAnEngineStopsSigningInAllGroupsAndNotTheLoop() {
        try (OneEngine bob = new OneEngine()) {
            List<EngineOutput> ofBob = new ArrayList<>();
            GroupEngine other =
                    new GroupEngine(Bytes.fromHex("61".repeat(32)), bob.engine, ofBob::add);
            loop.join(group, _ -> List.of());
            loop.join(other, _ -> List.of());
            // There is no such member.
            loop.post(other, new EngineInput.Rejected(99, DropReason.OVERSIZE));
            List<String> done = new ArrayList<>();
            loop.query(() -> done.add("query"));
            loop.stop();
            loop.run();
            assertThat(failures).singleElement().isInstanceOf(RuntimeException.class);
            assertThat(done).containsExactly("query");
            assertThat(journalFailures()).isEqualTo(1);
            assertThat(ofBob)
                    .anyMatch(output ->
                            output instanceof EngineOutput.Emit(SessionEvent.JournalFailed _));
        }
    }

    @Test
    void inputsOfSeveralGroupsAreMadeWhenTheyAreHandled() {
        List<String> done = new ArrayList<>();
        loop.join(group, _ -> List.of());
        loop.postAll(
                () -> {
                    done.add("made");
                    return List.of(
                            new EventLoop.Addressed(
                                    group, new EngineInput.Rejected(1, DropReason.OVERSIZE)),
                            new EventLoop.Addressed(
                                    group, new EngineInput.Rejected(2, DropReason.OVERSIZE)));
                },
                () -> done.add("handled"));
        loop.stop();
        assertThat(done).isEmpty();
        loop.run();
        assertThat(done).containsExactly("made", "handled");
        for (int member = 1; member <= 2; member++) {
            assertThat(
                            alice.engine.dropped(
                                    alice.fixture.group.member(member), DropReason.OVERSIZE))
                    .isEqualTo(1);
        }
    }

    @Test
    void groupThatWasForgottenBeforeTheLoopRanDoesNotJoin() {
        try (OneEngine bob = new OneEngine()) {
            List<EngineOutput> ofBob = new ArrayList<>();
            GroupEngine other =
                    new GroupEngine(Bytes.fromHex("61".repeat(32)), bob.engine, ofBob::add);
            EngineOutput told = new EngineOutput.Broadcast(Bytes.fromHex("01"));
            List<String> done = new ArrayList<>();
            loop.join(group, _ -> List.of(told));
            loop.post(group, new EngineInput.Tick(), () -> done.add("group"));
            loop.join(other, _ -> List.of(told));
            loop.post(other, new EngineInput.Tick(), () -> done.add("other"));
            loop.forget(group);
            loop.leave(group);
            loop.stop();
            loop.run();
            assertThat(performed).isEmpty();
            assertThat(ofBob).containsExactly(told);
            assertThat(done).containsExactly("other");
            assertThat(failures).isEmpty();
        }
    }
}
