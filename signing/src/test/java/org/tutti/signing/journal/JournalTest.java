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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

class JournalTest {
    private static final SessionId SESSION = new SessionId(Bytes.wrap(new byte[32]));

    private static final Bytes GROUP = TestJournals.GROUP;
    private static final Bytes OTHER_GROUP = Bytes.fromHex("61".repeat(32));

    private static JournalRecord.Ready ready(int attempt) {
        return new JournalRecord.Ready(
                SESSION, attempt, 2, Bytes.of(new byte[] {1, 2, 3}), Hold.NONE, Long.MAX_VALUE);
    }

    private static JournalRecord.Sign sign() {
        Bytes b = Bytes.of(new byte[] {9});
        return new JournalRecord.Sign(SESSION, 3, List.of(b), List.of(b, b), List.of(b), b, b);
    }

    private static List<JournalRecord> read(MemoryJournalFiles file) throws IOException {
        TestJournals.open(file);
        return TestJournals.records(file);
    }

    @Test
    void recordsAreReadInTheOrderInWhichTheyWereWritten() throws IOException {
        MemoryJournalFiles file = new MemoryJournalFiles();
        Journal journal = TestJournals.open(file);
        List<JournalRecord> written =
                List.of(
                        ready(1),
                        sign(),
                        new JournalRecord.Final(SESSION, List.of(Bytes.of(new byte[64]))),
                        new JournalRecord.Ended(SESSION, "NO_ANSWER"));
        journal.append(GROUP, written.subList(0, 1));
        journal.append(GROUP, written.subList(1, 4));
        assertThat(read(file)).isEqualTo(written);
        assertThat(TestJournals.open(file).head(GROUP)).isEqualTo(journal.head(GROUP));
        assertThat(journal.head(GROUP).count()).isEqualTo(4);
    }

    @Test
    void headIsComputedFromTheRecordsAlone() throws IOException {
        Journal journal = TestJournals.open(new MemoryJournalFiles());
        JournalRecord record = sign();
        journal.append(GROUP, List.of(record));
        assertThat(journal.head(GROUP))
                .isEqualTo(
                        JournalHead.start(TestJournals.ID, GROUP)
                                .next(record.type(), record.payload()));
    }

    @Test
    void tornEndIsTruncatedWhereverItIsTorn() throws IOException {
        MemoryJournalFiles file = new MemoryJournalFiles();
        Journal journal = TestJournals.open(file);
        journal.append(GROUP, List.of(ready(1)));
        int whole = file.content().length;
        journal.append(GROUP, List.of(sign()));
        byte[] all = file.content();
        for (int length = whole; length < all.length; length++) {
            MemoryJournalFiles torn = new MemoryJournalFiles();
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
        MemoryJournalFiles file = new MemoryJournalFiles();
        Journal journal = TestJournals.open(file);
        journal.append(GROUP, List.of(ready(1)));
        int whole = file.content().length;
        journal.append(GROUP, List.of(sign(), ready(2)));
        byte[] all = file.content();
        for (int at = 0; at < whole; at++) {
            byte[] damaged = all.clone();
            damaged[at] ^= 0x20;
            MemoryJournalFiles bad = new MemoryJournalFiles();
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
        MemoryJournalFiles file = new MemoryJournalFiles();
        Journal journal = TestJournals.open(file);
        int start = file.content().length;
        journal.append(GROUP, List.of(ready(1)));
        int middle = file.content().length;
        journal.append(GROUP, List.of(ready(2)));
        byte[] all = file.content();
        byte[] swapped = all.clone();
        System.arraycopy(all, middle, swapped, start, all.length - middle);
        System.arraycopy(all, start, swapped, start + all.length - middle, middle - start);
        file.content(swapped);
        assertThatThrownBy(() -> read(file)).hasMessageContaining("chain");
    }

    @Test
    void otherFileIsNotAJournal() {
        MemoryJournalFiles file = new MemoryJournalFiles();
        file.content("some other file".getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> read(file)).hasMessageContaining("not a journal");
    }

    @Test
    void nothingIsWrittenAfterAFailedForce() throws IOException {
        MemoryJournalFiles file = new MemoryJournalFiles();
        Journal journal = TestJournals.open(file);
        AtomicInteger forces = new AtomicInteger();
        file.failing(() -> forces.incrementAndGet() == 1);
        journal.append(GROUP, List.of(ready(1)));
        assertThatThrownBy(journal::force).hasMessageContaining("No space");
        assertThatThrownBy(journal::force).isInstanceOf(JournalException.class);
        assertThatThrownBy(() -> journal.append(GROUP, List.of(ready(2))))
                .isInstanceOf(JournalException.class);
    }

    @Test
    void entryAboveTheLimitIsRefused() throws IOException {
        Journal journal = TestJournals.open(new MemoryJournalFiles());
        Bytes huge = Bytes.wrap(new byte[Journal.MAX_PAYLOAD + 1]);
        assertThatThrownBy(() ->
                        journal.append(
                                GROUP,
                                List.of(
                                        new JournalRecord.Ready(
                                                SESSION, 1, 0, huge, Hold.NONE, Long.MAX_VALUE))))
                .isInstanceOfSatisfying(
                        JournalException.class,
                        e -> assertThat(e.code()).isEqualTo(JournalException.Code.TOO_LARGE));
    }

    @Test
    void fileOnDiskKeepsItsEntriesAndIsLocked(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("journal");
        try (Journal journal = TestJournals.open(FolderJournalFiles.open(path))) {
            journal.append(GROUP, List.of(ready(1), sign()));
            journal.force();
            assertThatThrownBy(() -> FolderJournalFiles.open(path))
                    .isInstanceOfSatisfying(
                            JournalException.class,
                            e -> assertThat(e.code()).isEqualTo(JournalException.Code.LOCKED));
        }
        try (FolderJournalFiles files = FolderJournalFiles.open(path)) {
            assertThat(TestJournals.records(files)).containsExactly(ready(1), sign());
        }
        Files.write(path, new byte[] {0, 0}, StandardOpenOption.APPEND);
        try (Journal journal = TestJournals.open(FolderJournalFiles.open(path))) {
            assertThat(journal.head(GROUP).count()).isEqualTo(2);
            assertThat(Files.size(path))
                    .as("a torn end is cut on disk too")
                    .isEqualTo(journal.size());
        }
    }

    @Test
    void journalThatCannotBeOpenedGivesUpItsLock(@TempDir Path folder) throws IOException {
        Path path = Files.write(folder.resolve("journal"), new byte[100]);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> TestJournals.open(FolderJournalFiles.open(path)))
                    .hasMessageContaining("not a journal");
        }
    }

    @Test
    void journalOfAnotherVersionIsRefusedInPlainWords() {
        MemoryJournalFiles file = new MemoryJournalFiles();
        file.content("TUTTIJ2\n".getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> read(file))
                .hasMessageContaining("version 2")
                .isInstanceOfSatisfying(
                        JournalException.class,
                        e ->
                                assertThat(e.code())
                                        .isEqualTo(JournalException.Code.UNSUPPORTED_VERSION));
    }

    @Test
    void idIsDrawnWhenTheJournalIsMadeAndThenStays() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        List<Bytes> drawn = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Journal journal =
                    Journal.open(
                            files,
                            () -> {
                                drawn.add(TestJournals.ID);
                                return TestJournals.ID;
                            },
                            TestJournals.state(Instant.EPOCH));
            assertThat(journal.id()).isEqualTo(TestJournals.ID);
            assertThat(journal.head(GROUP).journal()).isEqualTo(TestJournals.ID);
        }
        assertThat(drawn).hasSize(1);
    }

    @Test
    void eachGroupHasAChainOfItsOwn() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        Journal journal = TestJournals.open(files);
        journal.append(GROUP, List.of(ready(1)));
        JournalHead before = journal.head(GROUP);
        journal.append(
                List.of(
                        new JournalEntry(OTHER_GROUP, ready(2)),
                        new JournalEntry(OTHER_GROUP, sign())));
        assertThat(journal.head(GROUP)).isEqualTo(before);
        assertThat(journal.head(OTHER_GROUP))
                .isEqualTo(TestJournals.head(OTHER_GROUP, List.of(ready(2), sign())));
        journal.append(
                List.of(
                        new JournalEntry(GROUP, sign()),
                        new JournalEntry(OTHER_GROUP, ready(3)),
                        new JournalEntry(GROUP, ready(4))));
        assertThat(journal.head(GROUP))
                .isEqualTo(TestJournals.head(GROUP, List.of(ready(1), sign(), ready(4))));
        Journal again = TestJournals.open(files);
        assertThat(again.head(GROUP)).isEqualTo(journal.head(GROUP));
        assertThat(again.head(OTHER_GROUP)).isEqualTo(journal.head(OTHER_GROUP));
    }

    @Test
    void chainsOfTwoJournalsOrGroupsDifferFromTheStart() {
        Bytes otherId = Bytes.fromHex("a2".repeat(JournalHead.JOURNAL_ID_BYTES));
        assertThat(
                        Set.of(
                                JournalHead.start(TestJournals.ID, GROUP).hash(),
                                JournalHead.start(TestJournals.ID, OTHER_GROUP).hash(),
                                JournalHead.start(otherId, GROUP).hash(),
                                JournalHead.snapshot(TestJournals.ID, GROUP).hash()))
                .hasSize(4);
    }

    @Test
    void largestEntryIsReadAsItWasWritten() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        Journal journal = TestJournals.open(files);
        JournalRecord.Refused empty = new JournalRecord.Refused(Bytes.wrap(new byte[1 << 22]));
        int overhead = empty.payload().length() - (1 << 22);
        Bytes largest = Bytes.wrap(new byte[Journal.MAX_PAYLOAD - overhead]);
        JournalRecord record = new JournalRecord.Refused(largest);
        assertThat(record.payload().length()).isEqualTo(Journal.MAX_PAYLOAD);
        journal.append(GROUP, List.of(record, ready(1)));
        assertThat(TestJournals.open(files).head(GROUP)).isEqualTo(journal.head(GROUP));
    }

    @Test
    void eachForceIsCountedAndNoneThatFailed() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        Journal journal = TestJournals.open(files);
        assertThat(journal.forces()).isZero();
        journal.force();
        journal.force();
        assertThat(journal.forces()).isEqualTo(2);
        files.failing(() -> true);
        assertThatThrownBy(journal::force).isInstanceOf(IOException.class);
        assertThat(journal.forces()).isEqualTo(2);
    }

    @Test
    void afterAFailureNothingIsReadOrCompactedEither() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        Journal journal = TestJournals.open(files);
        JournalRetention retention = TestJournals.state(Instant.EPOCH).retention();
        Journal.Compacted compacted =
                journal.compact(journal.size(), retention, Instant.EPOCH, () -> false);
        byte[] content = files.content();
        files.failing(() -> true);
        assertThatThrownBy(journal::force).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> journal.reading(GROUP)).isInstanceOf(JournalException.class);
        assertThatThrownBy(() -> journal.continueIn(compacted))
                .isInstanceOf(JournalException.class);
        assertThat(files.content()).isEqualTo(content);
        assertThat(files.hasTemporary()).as("it is not the journal").isTrue();
    }

    @Test
    void zerosOfAnyNumberAreATornEndAndNothingElseIs() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        TestJournals.open(files).append(GROUP, List.of(ready(1)));
        byte[] whole = files.content();
        int large = whole.length + (5 << 19);
        for (int length : new int[] {whole.length + 7, whole.length + 8, whole.length + 9, large}) {
            files.content(Arrays.copyOf(whole, length));
            assertThat(read(files)).as("%d bytes", length).containsExactly(ready(1));
            assertThat(files.content()).isEqualTo(whole);
        }
        for (int at : new int[] {whole.length + 8, whole.length + (1 << 20) + 8, large - 1}) {
            byte[] damaged = Arrays.copyOf(whole, large);
            damaged[at] = 1;
            files.content(damaged);
            assertThatThrownBy(() -> read(files))
                    .as("byte %d", at)
                    .hasMessageContaining("is damaged at byte " + whole.length + " of " + large);
        }
    }

    /// What was read before is not taken for what follows.
    @Test
    void zerosBehindALargeEntryAreATornEndToo() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        JournalRecord large = new JournalRecord.Refused(Bytes.fromHex("ff".repeat(5 << 18)));
        TestJournals.open(files).append(GROUP, List.of(large));
        byte[] whole = files.content();
        files.content(Arrays.copyOf(whole, whole.length + 20));
        assertThat(read(files)).containsExactly(large);
        assertThat(files.content()).isEqualTo(whole);
    }

    @Test
    void entryOfASnapshotIsNowhereElse() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        Journal journal = TestJournals.open(files);
        journal.append(
                GROUP,
                List.of(
                        new JournalRecord.Heads(1, Bytes.wrap(new byte[32]), List.of(), 0),
                        ready(1)));
        assertThatThrownBy(() -> read(files)).hasMessageContaining("is damaged at byte");
    }

    @Test
    void snapshotSaysHowManyEntriesItHas() {
        for (int said : new int[] {-1, 1, 2}) {
            MemoryJournalFiles files = new MemoryJournalFiles();
            ByteBuffer bytes = ByteBuffer.allocate(1_000);
            bytes.put(JournalFormat.header(TestJournals.ID));
            JournalRecord end = new JournalRecord.SnapshotEnd(said);
            byte[] payload = end.payload().toArray();
            JournalHead head =
                    JournalHead.snapshot(TestJournals.ID, JournalFormat.NO_GROUP)
                            .next(end.type(), end.payload());
            JournalFormat.putEntry(bytes, end.type(), JournalFormat.NO_GROUP, payload, head.hash());
            files.content(Arrays.copyOf(bytes.array(), bytes.position()));
            assertThatThrownBy(() -> read(files)).hasMessageContaining("is damaged at byte");
        }
    }

    @Test
    void olderVersionsAreNamedAndWhatOnlyLooksLikeOneIsNoJournal() {
        for (String start : List.of("TUTTIJ1\n", "TUTTIJ2\n")) {
            MemoryJournalFiles file = new MemoryJournalFiles();
            file.content(start.getBytes(StandardCharsets.US_ASCII));
            assertThatThrownBy(() -> read(file)).hasMessageContaining("version " + start.charAt(6));
        }
        for (String start :
                List.of("TUTTIJ0\n", "TUTTIJ4\n", "TUTTIJ1x", "TUTTIK1\n", "TUTTIJ3", "x")) {
            MemoryJournalFiles file = new MemoryJournalFiles();
            file.content(start.getBytes(StandardCharsets.US_ASCII));
            assertThatThrownBy(() -> read(file)).as(start).hasMessageContaining("not a journal");
        }
    }

    @Test
    void chainHashIsOverTheHashBeforeTypeLengthAndPayload() throws Exception {
        JournalHead before = new JournalHead(TestJournals.ID, 4, Bytes.fromHex("0c".repeat(32)));
        JournalHead after = before.next(5, Bytes.fromHex("0102"));
        assertThat(after.count()).isEqualTo(5);
        assertThat(after.hash())
                .isEqualTo(
                        Bytes.wrap(
                                MessageDigest.getInstance("SHA-256")
                                        .digest(
                                                Bytes.fromHex("0c".repeat(32) + "05000000020102")
                                                        .toArray())));
    }
}
