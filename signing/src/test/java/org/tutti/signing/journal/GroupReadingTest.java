package org.tutti.signing.journal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Reading one group's entries while the journal is written.
class GroupReadingTest {
    private static final Bytes GROUP = TestJournals.GROUP;
    private static final Bytes OTHER = Bytes.fromHex("61".repeat(32));
    private static final JournalRetention RETENTION = JournalRetention.of(SigningLimits.DEFAULT);

    private static JournalRecord.Agreed agreed(int signer) {
        return new JournalRecord.Agreed(signer, Bytes.fromHex("7e"), Bytes.wrap(new byte[64]));
    }

    @Test
    void entriesOfTheGroupUpToTheMomentAreRead(@TempDir Path folder) throws Exception {
        try (Journal journal =
                TestJournals.open(FolderJournalFiles.open(folder.resolve("journal")))) {
            journal.append(GROUP, List.of(agreed(0)));
            journal.append(OTHER, List.of(agreed(5)));
            journal.append(GROUP, List.of(agreed(1)));
            JournalHead head = journal.head(GROUP);
            try (GroupReading reading = journal.reading(GROUP)) {
                journal.append(GROUP, List.of(agreed(2)));
                // And what it reads from is no longer the journal.
                Journal.Compacted compacted =
                        journal.compact(journal.size(), RETENTION, Instant.EPOCH, () -> false);
                assertThat(journal.continueIn(compacted)).isTrue();
                JournalState state = reading.read(RETENTION, Instant.EPOCH);
                assertThat(state.group(GROUP).agreed()).containsExactly(agreed(0), agreed(1));
                assertThat(state.group(GROUP).ownHeads().has(head)).isTrue();
                assertThat(state.group(GROUP).ownHeads().has(journal.head(GROUP))).isFalse();
                assertThat(state.group(OTHER).agreed()).isEmpty();
            }
            try (GroupReading reading = journal.reading(GROUP)) {
                JournalState state = reading.read(RETENTION, Instant.EPOCH);
                assertThat(state.group(GROUP).agreed()).hasSize(3);
                assertThat(state.group(GROUP).ownHeads().has(journal.head(GROUP))).isTrue();
            }
        }
    }

    @Test
    void whatNothingDependsOnAnyMoreIsNotInIt() throws Exception {
        MemoryJournalFiles files = new MemoryJournalFiles();
        Journal journal = TestJournals.open(files);
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        for (int i = 1; i <= 2; i++) {
            journal.append(
                    GROUP,
                    List.of(
                            new JournalRecord.Ready(
                                    new SessionId(Bytes.fromHex("%064x".formatted(i))),
                                    1,
                                    0,
                                    Bytes.fromHex("0a"),
                                    Hold.NONE,
                                    now.plus(Duration.ofDays(i)).toEpochMilli())));
        }
        try (GroupReading reading = journal.reading(GROUP)) {
            JournalState state = reading.read(RETENTION, now.plus(Duration.ofDays(9)));
            assertThat(state.group(GROUP).sessions()).hasSize(1);
        }
    }

    /// A source may give fewer bytes than were asked for.
    @Test
    void journalIsReadHoweverFewBytesComeAtATime() throws Exception {
        MemoryJournalFiles files = new MemoryJournalFiles();
        Journal journal = TestJournals.open(files);
        for (int i = 0; i < 9; i++) {
            journal.append(GROUP, List.of(agreed(i)));
        }
        JournalSource source = files.source();
        JournalSource slow =
                new JournalSource() {
                    @Override
                    public long size() throws IOException {
                        return source.size();
                    }

                    @Override
                    public int read(long position, ByteBuffer target) throws IOException {
                        ByteBuffer few = ByteBuffer.allocate(Math.min(7, target.remaining()));
                        int length = source.read(position, few);
                        target.put(few.flip());
                        return length;
                    }

                    @Override
                    public void close() {}
                };
        List<JournalRecord> records = new ArrayList<>();
        Journal.read(slow, (entry, _) -> records.add(entry.record()));
        assertThat(records).hasSize(9).endsWith(agreed(8));
    }
}
