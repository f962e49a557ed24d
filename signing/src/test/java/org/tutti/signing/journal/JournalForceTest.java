package org.tutti.signing.journal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.base.RecordingChannel;
import org.tutti.signing.request.SessionId;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/// Each force of the journal has a test here, or in CrashTest, that fails without it.
class JournalForceTest {
    private static final JournalRecord ENTRY =
            new JournalRecord.Ended(new SessionId(Bytes.wrap(new byte[32])), "TEST");

    private final List<String> log = new ArrayList<>();

    private FolderJournalFiles open(Path path) throws IOException {
        return FolderJournalFiles.open(
                path,
                (file, options) ->
                        new RecordingChannel(FileChannel.open(file, options), file, log));
    }

    @Test
    void newFileIsWholeAndOnDiskBeforeItHasTheJournalsName(@TempDir Path folder)
            throws IOException {
        Path path = folder.resolve("journal");
        try (Journal journal = TestJournals.open(open(path))) {
            assertThat(log)
                    .containsExactly(
                            "force journal.compact with metadata",
                            "write journal.compact",
                            "force journal.compact",
                            "force " + folder.getFileName() + " with metadata",
                            "force journal.compact");
            assertThat(Files.size(path)).isEqualTo(journal.size()).isPositive();
        }
        log.clear();
        TestJournals.open(open(path)).close();
        assertThat(log).as("a file that was there").containsExactly("force journal");
    }

    @Test
    void filesAreReadableOnlyByTheirOwner(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("journal");
        try (FolderJournalFiles files = FolderJournalFiles.open(path);
                JournalFile _ = files.createTemporary()) {
            for (String name : List.of("journal.compact", "journal")) {
                assertThat(Files.getPosixFilePermissions(folder.resolve(name)))
                        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
                if (name.equals("journal.compact")) {
                    files.replaceByTemporary();
                }
            }
        }
    }

    @Test
    void forceOfTheJournalReachesTheFile(@TempDir Path folder) throws IOException {
        TestJournals.open(open(folder.resolve("journal"))).close();
        try (Journal journal = TestJournals.open(open(folder.resolve("journal")))) {
            log.clear();
            journal.append(TestJournals.GROUP, List.of(ENTRY));
            assertThat(log).containsExactly("write journal");
            journal.force();
            assertThat(log).containsExactly("write journal", "force journal");
        }
    }

    @Test
    void emptyJournalIsOnDiskBeforeItIsUsed() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        TestJournals.open(files);
        assertThat(files.durableCopy().content()).isEqualTo(files.content()).isNotEmpty();
    }

    @Test
    void entriesLeftInTheCacheByAKilledProcessAreForcedAtOpening() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        TestJournals.open(files).append(TestJournals.GROUP, List.of(ENTRY));
        assertThat(files.durableCopy().content()).hasSizeLessThan(files.content().length);
        Journal again = TestJournals.open(files);
        assertThat(again.head(TestJournals.GROUP).count()).isEqualTo(1);
        files.crash();
        assertThat(TestJournals.open(files).head(TestJournals.GROUP))
                .as("the head that was told is still there after a crash of the machine")
                .isEqualTo(again.head(TestJournals.GROUP));
    }
}
