package org.tutti.signing.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/// A journal in the place of one that was lost.
class JournalRecoveryTest {
    private static final Bytes GROUP = TestJournals.GROUP;
    private static final Bytes OTHER = Bytes.fromHex("61".repeat(32));
    private static final Bytes NEW_ID = Bytes.fromHex("b2".repeat(JournalHead.JOURNAL_ID_BYTES));

    private static JournalRecovery.Found found(MemoryJournalFiles files) throws IOException {
        return JournalRecovery.read(files, GROUP);
    }

    private static MemoryJournalFiles journalOf(JournalRecord... records) throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        Journal journal = TestJournals.open(files);
        journal.append(GROUP, List.of(records));
        journal.force();
        return files;
    }

    @Test
    void newJournalWaitsForTheOthersInEachGroupAndIsOnDisk() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        JournalRecovery.begin(files, NEW_ID, List.of(GROUP, OTHER), true);
        files.crash();
        for (Bytes group : List.of(GROUP, OTHER)) {
            assertThat(JournalRecovery.read(files, group))
                    .isEqualTo(new JournalRecovery.Found(NEW_ID, JournalRecovery.State.RECOVERING));
        }
        JournalState state = TestJournals.state(Instant.EPOCH);
        TestJournals.open(files, state);
        assertThat(state.group(GROUP).recovery().earlierUnknown()).isTrue();
    }

    @Test
    void whatTheOperatorKnowsIsAddedToAJournalThatWaits() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        JournalRecovery.begin(files, NEW_ID, List.of(GROUP), false);
        JournalRecovery.begin(files, TestJournals.ID, List.of(GROUP), true);
        JournalState state = TestJournals.state(Instant.EPOCH);
        assertThat(TestJournals.open(files, state).id()).isEqualTo(NEW_ID);
        assertThat(state.group(GROUP).recovery().earlierUnknown()).isTrue();
    }

    @Test
    void stateOfAJournalIsReadFromItsEntries() throws IOException {
        assertThat(found(journalOf()))
                .isEqualTo(new JournalRecovery.Found(TestJournals.ID, JournalRecovery.State.GOOD));
        assertThat(found(journalOf(new JournalRecord.Refused(Bytes.EMPTY))).state())
                .isEqualTo(JournalRecovery.State.WENT_BACK);
        JournalRecord recovering = new JournalRecord.Recovering(false);
        assertThat(found(journalOf(recovering)).state())
                .isEqualTo(JournalRecovery.State.RECOVERING);
        assertThat(found(journalOf(recovering, new JournalRecord.Recovered())).state())
                .isEqualTo(JournalRecovery.State.GOOD);
    }

    @Test
    void damagedJournalIsTold() {
        MemoryJournalFiles files = new MemoryJournalFiles();
        files.content(new byte[100]);
        assertThatThrownBy(() -> found(files))
                .isInstanceOfSatisfying(
                        JournalException.class,
                        e -> assertThat(e.code()).isEqualTo(JournalException.Code.CORRUPT));
    }

    @Test
    void journalIsMadeOnceBesideNewKeysAndUnlockedAfterwards(@TempDir Path folder)
            throws IOException {
        Path path = folder.resolve("journal");
        Files.write(folder.resolve("journal.compact"), new byte[] {1});
        Journal.createIfMissing(FolderJournalFiles.open(path), TestJournals.ID);
        byte[] made = Files.readAllBytes(path);
        assertThat(folder.resolve("journal.compact")).doesNotExist();
        Files.write(folder.resolve("journal.compact"), new byte[] {1});
        Journal.createIfMissing(FolderJournalFiles.open(path), NEW_ID);
        assertThat(folder.resolve("journal.compact")).doesNotExist();
        assertThat(Files.readAllBytes(path)).isEqualTo(made);
        JournalRecovery.read(FolderJournalFiles.open(path), GROUP);
        try (Journal journal = TestJournals.open(FolderJournalFiles.open(path))) {
            assertThat(journal.id()).isEqualTo(TestJournals.ID);
        }
    }
}
