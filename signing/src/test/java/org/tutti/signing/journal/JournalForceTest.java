package org.tutti.signing.journal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.signing.request.SessionId;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Each force of the journal has a test here, or in CrashTest, that fails without it.
class JournalForceTest {
    private static final JournalRecord ENTRY =
            new JournalRecord.Ended(new SessionId(Bytes.wrap(new byte[32])), "TEST");

    private final List<String> log = new ArrayList<>();

    private ChannelJournalFile open(Path path) throws IOException {
        return ChannelJournalFile.open(
                path,
                (file, options) ->
                        new RecordingChannel(FileChannel.open(file, options), file, log));
    }

    @Test
    void newFileWithItsPermissionsAndNameIsOnDiskBeforeAnythingIsWritten(@TempDir Path folder)
            throws IOException {
        try (ChannelJournalFile file = open(folder.resolve("journal"))) {
            assertThat(log)
                    .containsExactly(
                            "force journal with metadata",
                            "force " + folder.getFileName() + " with metadata");
            assertThat(file.size()).isZero();
        }
        log.clear();
        open(folder.resolve("journal")).close();
        assertThat(log).as("a file that was there").isEmpty();
    }

    @Test
    void forceOfTheJournalReachesTheFile(@TempDir Path folder) throws IOException {
        try (Journal journal = Journal.open(open(folder.resolve("journal")), _ -> {})) {
            log.clear();
            journal.append(List.of(ENTRY));
            assertThat(log).containsExactly("write journal");
            journal.force();
            assertThat(log).containsExactly("write journal", "force journal");
        }
    }

    @Test
    void emptyJournalIsOnDiskBeforeItIsUsed() throws IOException {
        RecordingJournalFile file = new RecordingJournalFile();
        Journal.open(file, _ -> {});
        assertThat(file.durableCopy().content()).isEqualTo(file.content()).isNotEmpty();
    }

    @Test
    void entriesLeftInTheCacheByAKilledProcessAreForcedAtOpening() throws IOException {
        RecordingJournalFile file = new RecordingJournalFile();
        Journal.open(file, _ -> {}).append(List.of(ENTRY));
        assertThat(file.durableCopy().content()).hasSizeLessThan(file.content().length);
        Journal again = Journal.open(file, _ -> {});
        assertThat(again.head().count()).isEqualTo(1);
        file.crash();
        assertThat(Journal.open(file, _ -> {}).head())
                .as("the head that was told is still there after a crash of the machine")
                .isEqualTo(again.head());
    }
}
