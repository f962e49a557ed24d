package org.tutti.signing.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.SessionId;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Compacting a journal while it is used.
class JournalCompactorTest {
    private static final int GROWTH = 40_000;
    private static final Bytes GROUP = TestJournals.GROUP;
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final JournalRetention retention =
            new JournalRetention(
                    Duration.ofHours(1), Duration.ofMinutes(1), Long.MAX_VALUE, GROWTH);
    private final ArrayDeque<Runnable> background = new ArrayDeque<>();
    private final AtomicInteger woken = new AtomicInteger();
    private Instant now = START;
    private int sessions;

    private final List<IOException> givenUp = new ArrayList<>();

    private JournalCompactor compactor(Journal journal) {
        return new JournalCompactor(
                journal,
                retention,
                () -> now,
                background::add,
                woken::incrementAndGet,
                givenUp::add);
    }

    private Journal open(JournalFiles files) throws IOException {
        return TestJournals.open(files, new JournalState(retention, now));
    }

    /// Appends sessions that are over, ten minutes apart.
    private void grow(Journal journal, long bytes) throws IOException {
        for (long end = journal.size() + bytes; journal.size() < end; ) {
            SessionId id =
                    new SessionId(Bytes.wrap(ByteBuffer.allocate(32).putInt(sessions++).array()));
            now = now.plus(Duration.ofMinutes(10));
            journal.append(
                    GROUP,
                    List.of(
                            new JournalRecord.Ready(
                                    id,
                                    1,
                                    0,
                                    Bytes.wrap(new byte[500]),
                                    Hold.NONE,
                                    now.plusSeconds(600).toEpochMilli()),
                            new JournalRecord.Ended(id, "EXPIRED")));
            journal.force();
        }
    }

    @Test
    void journalThatHasGrownIsCompactedInTheBackgroundAndGoesOn() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        Journal journal = open(files);
        JournalCompactor compactor = compactor(journal);
        grow(journal, GROWTH / 2);
        compactor.step();
        assertThat(background).as("it has not grown enough").isEmpty();
        grow(journal, GROWTH / 2 + 1);
        compactor.step();
        compactor.step();
        assertThat(background).hasSize(1);
        grow(journal, 3_000);
        background.remove().run();
        assertThat(woken).hasValue(1);
        grow(journal, 3_000);
        long whole = journal.size();
        JournalHead head = journal.head(GROUP);
        compactor.step();
        assertThat(journal.size()).isLessThan(whole / 2).isEqualTo(files.content().length);
        assertThat(journal.head(GROUP)).isEqualTo(head);
        grow(journal, 3_000);
        files.crash();
        assertThat(open(files).head(GROUP)).isEqualTo(journal.head(GROUP));
        compactor.step();
        assertThat(background).as("not again before it has grown again").isEmpty();
        grow(journal, GROWTH);
        compactor.step();
        assertThat(background).hasSize(1);
    }

    @Test
    void whatCannotBeDoneIsTriedAgainWhenItHasGrownAgain() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        Journal journal = open(files);
        JournalCompactor compactor = compactor(journal);
        files.full(() -> true);
        grow(journal, GROWTH + 1);
        compactor.step();
        background.remove().run();
        byte[] content = files.content();
        compactor.step();
        assertThat(files.content()).isEqualTo(content);
        assertThat(givenUp).as("told to the operator").hasSize(1);
        compactor.step();
        assertThat(background).isEmpty();
        files.full(() -> false);
        grow(journal, GROWTH + 1);
        compactor.step();
        background.remove().run();
        compactor.step();
        assertThat(files.content().length).isLessThan(content.length);
        assertThat(open(files).head(GROUP)).isEqualTo(journal.head(GROUP));
        assertThat(givenUp).hasSize(1);
    }

    /// The snapshot was written, and the disk is full when the rest is copied.
    @Test
    void whatCannotBeCopiedIsToldToo() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        Journal journal = open(files);
        JournalCompactor compactor = compactor(journal);
        grow(journal, GROWTH + 1);
        compactor.step();
        background.remove().run();
        grow(journal, 1);
        files.full(() -> true);
        compactor.step();
        assertThat(givenUp).hasSize(1);
        files.full(() -> false);
        assertThat(open(files).head(GROUP)).isEqualTo(journal.head(GROUP));
    }

    @Test
    void failureAfterTheRenameIsToldToTheLoop() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        Journal journal = open(files);
        JournalCompactor compactor = compactor(journal);
        grow(journal, GROWTH + 1);
        compactor.step();
        background.remove().run();
        files.namesFail(() -> true);
        assertThatThrownBy(compactor::step).isInstanceOf(IOException.class);
        assertThatThrownBy(journal::force).isInstanceOf(JournalException.class);
    }

    @Test
    void exhaustedMemoryInTheBackgroundIsNotSwallowed() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        Journal journal = open(files);
        JournalCompactor compactor = compactor(journal);
        grow(journal, GROWTH + 1);
        compactor.step();
        files.full(() -> {
            throw new OutOfMemoryError("a test");
        });
        background.remove().run();
        assertThatThrownBy(compactor::step).isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void closingWaitsForTheBackgroundAndLeavesNothing(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("journal");
        FolderJournalFiles files = FolderJournalFiles.open(path);
        try (Journal journal = open(files)) {
            CountDownLatch mayRun = new CountDownLatch(1);
            JournalCompactor compactor =
                    new JournalCompactor(
                            journal,
                            retention,
                            () -> now,
                            task ->
                                    Thread.ofPlatform()
                                            .daemon(true)
                                            .start(() -> {
                                                await(mayRun);
                                                task.run();
                                            }),
                            () -> {},
                            givenUp::add);
            grow(journal, GROWTH + 1);
            compactor.step();
            mayRun.countDown();
            compactor.close();
            assertThat(folder.resolve("journal.compact")).doesNotExist();
            compactor.close();
        }
        assertThat(Files.size(path)).isGreaterThan(GROWTH);
    }

    @Test
    void growthByExactlyTheBoundIsNotEnough() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        Journal journal = open(files);
        JournalRecord entry = new JournalRecord.Refused(Bytes.wrap(new byte[GROWTH]));
        int overhead = JournalFormat.OVERHEAD + entry.payload().length() - GROWTH;
        JournalCompactor compactor = compactor(journal);
        journal.append(
                GROUP, List.of(new JournalRecord.Refused(Bytes.wrap(new byte[GROWTH - overhead]))));
        compactor.step();
        assertThat(background).isEmpty();
        journal.append(GROUP, List.of(new JournalRecord.Recovered()));
        compactor.step();
        assertThat(background).hasSize(1);
    }

    @Test
    void closingStopsWhatRunsInTheBackground() throws Exception {
        MemoryJournalFiles files = new MemoryJournalFiles();
        Journal journal = open(files);
        JournalCompactor compactor = compactor(journal);
        grow(journal, GROWTH + 1);
        compactor.step();
        Thread closing =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                compactor.close();
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        });
        while (closing.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        List<String> operations = new ArrayList<>();
        files.probe(operations::add);
        background.remove().run();
        closing.join();
        assertThat(operations).as("nothing is written any more").isEmpty();
    }

    @Test
    void closingDeletesWhatWasMadeAndNotTaken() throws Exception {
        MemoryJournalFiles files = new MemoryJournalFiles();
        Journal journal = open(files);
        JournalCompactor compactor = compactor(journal);
        grow(journal, GROWTH + 1);
        compactor.step();
        background.remove().run();
        assertThat(files.hasTemporary()).isTrue();
        compactor.close();
        assertThat(files.hasTemporary()).isFalse();
    }

    @Test
    void whyItWasGivenUpIsTold() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        Journal journal = open(files);
        JournalCompactor compactor = compactor(journal);
        RuntimeException bug = new IllegalStateException("a test");
        for (boolean full : new boolean[] {true, false}) {
            files.full(() -> {
                if (full) {
                    return true;
                }
                throw bug;
            });
            grow(journal, GROWTH + 1);
            compactor.step();
            background.remove().run();
            compactor.step();
        }
        assertThat(givenUp).hasSize(2);
        assertThat(givenUp.getFirst()).hasMessage("No space left on device").hasNoCause();
        assertThat(givenUp.getLast()).hasCause(bug);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void fileOnDiskIsReplacedAndStaysLocked(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("journal");
        FolderJournalFiles files = FolderJournalFiles.open(path);
        JournalHead head;
        try (Journal journal = open(files)) {
            JournalCompactor compactor = compactor(journal);
            grow(journal, GROWTH + 1);
            compactor.step();
            background.remove().run();
            grow(journal, 1_000);
            compactor.step();
            assertThat(Files.size(path)).isEqualTo(journal.size()).isLessThan(GROWTH);
            assertThat(folder.resolve("journal.compact")).doesNotExist();
            assertThatThrownBy(() -> FolderJournalFiles.open(path))
                    .isInstanceOf(JournalException.class);
            grow(journal, 1_000);
            head = journal.head(GROUP);
        }
        Files.write(folder.resolve("journal.compact"), new byte[] {1, 2, 3});
        try (Journal journal = open(FolderJournalFiles.open(path))) {
            assertThat(journal.head(GROUP)).isEqualTo(head);
            assertThat(folder.resolve("journal.compact"))
                    .as("left by a crash, and deleted")
                    .doesNotExist();
        }
    }
}
