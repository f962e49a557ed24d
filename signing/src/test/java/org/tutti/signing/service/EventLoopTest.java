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
import org.tutti.signing.session.SessionOutcome;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// How a loop ends that cannot go on.
class EventLoopTest {
    private final OneEngine alice = new OneEngine();
    private final List<EngineOutput> performed = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final List<String> operations = new ArrayList<>();
    private final GroupEngine group =
            new GroupEngine(TestJournals.GROUP, alice.engine, this::perform);
    private Journal journal;
    private EventLoop loop;

    @BeforeEach
    void open() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles(true);
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
                        InstantSource.fixed(GroupFixture.NOW),
                        () -> EngineTime.of(GroupFixture.NOW).boot().toNanos(),
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
}
