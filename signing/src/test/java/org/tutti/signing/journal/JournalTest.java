package org.tutti.signing.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.signing.request.SessionId;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

class JournalTest {
    private static final SessionId SESSION = new SessionId(Bytes.wrap(new byte[32]));

    private static JournalRecord.Ready ready(int attempt) {
        return new JournalRecord.Ready(SESSION, attempt, 2, Bytes.of(new byte[] {1, 2, 3}));
    }

    private static JournalRecord.Sign sign() {
        Bytes b = Bytes.of(new byte[] {9});
        return new JournalRecord.Sign(
                SESSION, 3, List.of(b), List.of(b, b), List.of(b), b, b, SESSION.bytes());
    }

    private static List<JournalRecord> read(RecordingJournalFile file) throws IOException {
        List<JournalRecord> records = new ArrayList<>();
        Journal.open(file, records::add);
        return records;
    }

    @Test
    void recordsAreReadInTheOrderInWhichTheyWereWritten() throws IOException {
        RecordingJournalFile file = new RecordingJournalFile();
        Journal journal = Journal.open(file, _ -> {});
        List<JournalRecord> written =
                List.of(
                        ready(1),
                        sign(),
                        new JournalRecord.Final(SESSION, List.of(Bytes.of(new byte[64]))),
                        new JournalRecord.Ended(SESSION, "NO_ANSWER"));
        journal.append(written.subList(0, 1));
        journal.append(written.subList(1, 4));
        assertThat(read(file)).isEqualTo(written);
        assertThat(Journal.open(file, _ -> {}).head()).isEqualTo(journal.head());
        assertThat(journal.head().count()).isEqualTo(4);
    }

    @Test
    void headIsComputedFromTheRecordsAlone() throws IOException {
        Journal journal = Journal.open(new RecordingJournalFile(), _ -> {});
        JournalRecord record = sign();
        journal.append(List.of(record));
        assertThat(journal.head())
                .isEqualTo(JournalHead.EMPTY.next(record.type(), record.payload()));
    }

    @Test
    void tornEndIsTruncatedWhereverItIsTorn() throws IOException {
        RecordingJournalFile file = new RecordingJournalFile();
        Journal journal = Journal.open(file, _ -> {});
        journal.append(List.of(ready(1)));
        int whole = file.content().length;
        journal.append(List.of(sign()));
        byte[] all = file.content();
        for (int length = whole; length < all.length; length++) {
            RecordingJournalFile torn = new RecordingJournalFile();
            torn.content(Arrays.copyOf(all, length));
            assertThat(read(torn)).as("cut at %d", length).containsExactly(ready(1));
            assertThat(torn.content()).hasSize(whole);
            // And with zeros in place of what was never written.
            torn.content(Arrays.copyOf(Arrays.copyOf(all, length), all.length));
            assertThat(read(torn)).as("zeros from %d", length).containsExactly(ready(1));
        }
    }

    @Test
    void damageBeforeTheEndIsRefused() throws IOException {
        RecordingJournalFile file = new RecordingJournalFile();
        Journal journal = Journal.open(file, _ -> {});
        journal.append(List.of(ready(1)));
        int whole = file.content().length;
        journal.append(List.of(sign(), ready(2)));
        byte[] all = file.content();
        for (int at = 0; at < whole; at++) {
            byte[] damaged = all.clone();
            damaged[at] ^= 0x20;
            RecordingJournalFile bad = new RecordingJournalFile();
            bad.content(damaged);
            assertThatThrownBy(() -> read(bad))
                    .as("byte %d", at)
                    .isInstanceOfSatisfying(
                            JournalException.class,
                            e -> assertThat(e.code()).isEqualTo(JournalException.Code.CORRUPT));
            assertThat(bad.content()).as("nothing was cut off").isEqualTo(damaged);
        }
    }

    @Test
    void entriesInAnotherOrderBreakTheChain() throws IOException {
        RecordingJournalFile file = new RecordingJournalFile();
        Journal journal = Journal.open(file, _ -> {});
        int start = file.content().length;
        journal.append(List.of(ready(1)));
        int middle = file.content().length;
        journal.append(List.of(ready(2)));
        byte[] all = file.content();
        byte[] swapped = all.clone();
        System.arraycopy(all, middle, swapped, start, all.length - middle);
        System.arraycopy(all, start, swapped, start + all.length - middle, middle - start);
        file.content(swapped);
        assertThatThrownBy(() -> read(file)).hasMessageContaining("chain");
    }

    @Test
    void otherFileIsNotAJournal() {
        RecordingJournalFile file = new RecordingJournalFile();
        file.content("some other file".getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> read(file)).hasMessageContaining("not a journal");
    }

    @Test
    void nothingIsWrittenAfterAFailedForce() throws IOException {
        RecordingJournalFile file = new RecordingJournalFile();
        Journal journal = Journal.open(file, _ -> {});
        AtomicInteger forces = new AtomicInteger();
        file.failing(() -> forces.incrementAndGet() == 1);
        journal.append(List.of(ready(1)));
        assertThatThrownBy(journal::force).hasMessageContaining("No space");
        assertThatThrownBy(journal::force).isInstanceOf(JournalException.class);
        assertThatThrownBy(() -> journal.append(List.of(ready(2))))
                .isInstanceOf(JournalException.class);
    }

    @Test
    void entryAboveTheLimitIsRefused() throws IOException {
        Journal journal = Journal.open(new RecordingJournalFile(), _ -> {});
        Bytes huge = Bytes.wrap(new byte[Journal.MAX_PAYLOAD + 1]);
        assertThatThrownBy(
                        () -> journal.append(List.of(new JournalRecord.Ready(SESSION, 1, 0, huge))))
                .isInstanceOfSatisfying(
                        JournalException.class,
                        e -> assertThat(e.code()).isEqualTo(JournalException.Code.TOO_LARGE));
    }

    @Test
    void fileOnDiskKeepsItsEntriesAndIsLocked(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("journal");
        try (Journal journal = Journal.open(ChannelJournalFile.open(path), _ -> {})) {
            journal.append(List.of(ready(1), sign()));
            journal.force();
            assertThatThrownBy(() -> ChannelJournalFile.open(path))
                    .isInstanceOfSatisfying(
                            JournalException.class,
                            e -> assertThat(e.code()).isEqualTo(JournalException.Code.LOCKED));
        }
        List<JournalRecord> records = new ArrayList<>();
        try (Journal journal = Journal.open(ChannelJournalFile.open(path), records::add)) {
            assertThat(records).containsExactly(ready(1), sign());
            assertThat(journal.head().count()).isEqualTo(2);
        }
        try (ChannelJournalFile file = ChannelJournalFile.open(path)) {
            file.append(ByteBuffer.wrap(new byte[] {0, 0}));
        }
        try (Journal journal = Journal.open(ChannelJournalFile.open(path), _ -> {})) {
            assertThat(journal.head().count()).as("a torn end is cut on disk too").isEqualTo(2);
        }
    }
}
