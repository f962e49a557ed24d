package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.engine.EngineInput;
import org.tutti.signing.internal.engine.EngineOutput;
import org.tutti.signing.internal.engine.GroupCommit;
import org.tutti.signing.internal.engine.OneEngine;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalCompactor;
import org.tutti.signing.journal.JournalRetention;
import org.tutti.signing.journal.MemoryJournalFiles;
import org.tutti.signing.journal.TestJournals;

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
    private Journal journal;
    private EventLoop loop;

    @BeforeEach
    void open() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles(true);
        journal = TestJournals.open(files);
        files.probe(operations::add);
        GroupCommit commit =
                new GroupCommit(alice.engine, TestJournals.GROUP, journal, this::perform);
        JournalCompactor compactor =
                new JournalCompactor(
                        journal,
                        new JournalRetention(Duration.ZERO, Duration.ZERO, 0, -1),
                        InstantSource.system(),
                        Runnable::run,
                        () -> {});
        loop =
                new EventLoop(
                        alice.engine,
                        commit,
                        compactor,
                        InstantSource.system(),
                        () -> 0,
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
        loop.post(new EngineInput.Tick());
        loop.query(() -> {
            loop.query(loop::stop);
        });
        loop.run(_ -> List.of());
        assertThat(failures).isEmpty();
        assertThat(operations).contains("create temporary", "replace", "after force names");
        assertThat(journal.size()).isEqualTo(before);
    }

    @Test
    void errorWipesTheSecretNonces() {
        alice.toNonces(alice.approvedRequest(2));
        assertThat(alice.recorder.unwiped()).isEqualTo(2);
        Error exhausted = new OutOfMemoryError("a test");
        loop.run(_ -> {
            throw exhausted;
        });
        assertThat(failures).containsExactly(exhausted);
        assertThat(alice.recorder.unwiped()).isZero();
    }

    @Test
    void nothingIsToldOfEvidenceThatIsNotOnDisk() {
        EngineOutput told = new EngineOutput.Broadcast(Bytes.fromHex("01"));
        loop.run(_ -> List.of(new EngineOutput.SaveEvidence("a.evidence", Bytes.EMPTY), told));
        assertThat(performed).isEmpty();
        assertThat(failures)
                .singleElement()
                .isInstanceOfSatisfying(
                        SigningStoppedException.class,
                        e -> assertThat(e.code()).isEqualTo("EVIDENCE_FAILED"));
    }
}
