package org.tutti.signing.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.base.RecordingChannel;
import org.tutti.signing.request.SigningLimits;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Files are closed, the lock is given up and nothing is left, whatever fails.
class JournalFilesTest {
    private static final Bytes GROUP = TestJournals.GROUP;
    private static final JournalRetention RETENTION = JournalRetention.of(SigningLimits.DEFAULT);
    private static final JournalRecord ENTRY = new JournalRecord.Started(Bytes.wrap(new byte[16]));

    @TempDir Path folder;

    private final List<FileChannel> opened = new ArrayList<>();
    private String failsAt = "";
    private Path path;

    @BeforeEach
    void name() {
        path = folder.resolve("journal");
    }

    private FolderJournalFiles files() throws IOException {
        List<String> log =
                new ArrayList<>() {
                    private static final long serialVersionUID = 1;

                    @Override
                    public boolean add(String operation) {
                        if (operation.equals(failsAt)) {
                            throw new IllegalStateException("fails at " + operation);
                        }
                        return super.add(operation);
                    }
                };
        return FolderJournalFiles.open(
                path,
                (file, options) -> {
                    FileChannel channel =
                            new RecordingChannel(FileChannel.open(file, options), file, log);
                    opened.add(channel);
                    return channel;
                });
    }

    private long open() {
        return opened.stream().filter(FileChannel::isOpen).count();
    }

    @Test
    void journalThatIsInUseLeavesNoFileOpenForTheSecond() throws IOException {
        try (FolderJournalFiles _ = FolderJournalFiles.open(path)) {
            assertThatThrownBy(this::files).isInstanceOf(JournalException.class);
            assertThat(opened).hasSize(1);
            assertThat(open()).isZero();
        }
    }

    @Test
    void journalThatCannotBeReadIsClosed() throws IOException {
        Files.write(path, new byte[100]);
        assertThatThrownBy(() -> TestJournals.open(files())).hasMessageContaining("not a journal");
        assertThat(opened).hasSize(2);
        assertThat(open()).isZero();
    }

    @Test
    void fileThatCannotBeMadeIsClosedWhereverItFails() {
        for (String operation :
                List.of("force journal.compact with metadata", "write journal.compact")) {
            failsAt = operation;
            opened.clear();
            assertThatThrownBy(() -> TestJournals.open(files()))
                    .hasMessage("fails at " + operation);
            assertThat(opened).as(operation).hasSize(2);
            assertThat(open()).as(operation).isZero();
            assertThat(path).doesNotExist();
        }
    }

    @Test
    void fileThatCannotBeClosedEitherIsToldBesideWhatFailedFirst() {
        MemoryJournalFiles memory = new MemoryJournalFiles();
        memory.content(new byte[100]);
        memory.closeFails(true);
        assertThatThrownBy(() -> TestJournals.open(memory))
                .isInstanceOf(JournalException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    }

    @Test
    void closedJournalHasNoFileOpen() throws IOException {
        Journal journal = TestJournals.open(files());
        assertThat(open()).isEqualTo(2);
        journal.close();
        assertThat(open()).isZero();
        assertThatThrownBy(() -> journal.append(GROUP, List.of(ENTRY)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void compactedJournalHasOneFileOpenAndOneThatIsGivenUpNoMore() throws IOException {
        try (Journal journal = TestJournals.open(files())) {
            journal.append(GROUP, List.of(ENTRY));
            Journal.Compacted unused =
                    journal.compact(journal.size(), RETENTION, Instant.EPOCH, () -> false);
            journal.discard(unused);
            assertThat(folder.resolve("journal.compact")).doesNotExist();
            assertThat(open()).isEqualTo(2);
            Journal.Compacted compacted =
                    journal.compact(journal.size(), RETENTION, Instant.EPOCH, () -> false);
            assertThat(journal.continueIn(compacted)).isTrue();
            assertThat(open()).as("lock and journal").isEqualTo(2);
            failsAt = "write journal.compact";
            assertThatThrownBy(() ->
                            journal.compact(journal.size(), RETENTION, Instant.EPOCH, () -> false))
                    .hasMessage("fails at write journal.compact");
            assertThat(open()).isEqualTo(2);
            assertThat(folder.resolve("journal.compact")).doesNotExist();
        }
        assertThat(open()).isZero();
    }

    @Test
    void temporaryFileTakesThePlaceOfOneThatIsThere() throws IOException {
        Files.write(folder.resolve("journal.compact"), new byte[9]);
        try (FolderJournalFiles files = files();
                JournalFile made = files.createTemporary()) {
            assertThat(made.size()).isZero();
        }
    }

    @Test
    void fileIsReadFromWhereItIsAskedAndTellsHowMuch() throws IOException {
        try (FolderJournalFiles files = files();
                JournalFile made = files.createTemporary()) {
            made.append(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            ByteBuffer target = ByteBuffer.allocate(8);
            assertThat(made.read(1, target)).isEqualTo(2);
            assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {2, 3}));
            assertThat(made.read(3, ByteBuffer.allocate(1))).isEqualTo(-1);
            made.truncate(1);
            made.append(ByteBuffer.wrap(new byte[] {7}));
            assertThat(made.size()).isEqualTo(2);
        }
    }

    @Test
    void readingOfOneGroupLeavesNoFileOpen() throws IOException {
        try (Journal journal = TestJournals.open(files())) {
            try (GroupReading reading = journal.reading(GROUP)) {
                reading.read(RETENTION, Instant.EPOCH);
                assertThat(open()).isEqualTo(3);
            }
            assertThat(open()).isEqualTo(2);
        }
    }
}
