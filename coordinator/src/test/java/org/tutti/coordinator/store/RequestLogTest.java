package org.tutti.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.coordinator.message.ProposalId;
import org.tutti.coordinator.message.RequestId;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

class RequestLogTest {
    private static final RequestId ID = new RequestId(Bytes.fromHex("22".repeat(32)));
    private static final List<LogEntry> ENTRIES =
            List.of(
                    new LogEntry.Taken(Bytes.fromHex("0102"), Bytes.fromHex("03")),
                    new LogEntry.Said(Bytes.fromHex("04")),
                    new LogEntry.Known(Bytes.fromHex("05")),
                    new LogEntry.Signed(ID, List.of(Bytes.wrap(new byte[64]))),
                    new LogEntry.Over(ID, Instant.ofEpochMilli(77), "CONFIRMED"),
                    new LogEntry.GroupPrevious(
                            new ProposalId(Bytes.wrap(new byte[32])), Bytes.fromHex("06")));

    @TempDir private Path folder;
    private Path file = Path.of("");

    @BeforeEach
    void place() {
        file = folder.resolve("requests");
    }

    private List<LogEntry> reopened() throws IOException {
        RequestLog.Opened opened = RequestLog.open(file);
        opened.log().close();
        return opened.entries();
    }

    private void written() throws IOException {
        try (RequestLog log = RequestLog.open(file).log()) {
            log.append(ENTRIES.subList(0, 2));
            log.append(ENTRIES.subList(2, ENTRIES.size()));
            assertThat(log.size()).isEqualTo(Files.size(file));
        }
    }

    @Test
    void whatWasWrittenIsThereAgain() throws IOException {
        assertThat(reopened()).isEmpty();
        written();
        assertThat(reopened()).isEqualTo(ENTRIES);
        assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
    }

    @Test
    void aTornEndIsCutOffWhereverItTears() throws IOException {
        written();
        byte[] whole = Files.readAllBytes(file);
        for (int length = whole.length - 1; length >= 8; length--) {
            Files.write(file, Arrays.copyOf(whole, length));
            List<LogEntry> read = reopened();
            assertThat(ENTRIES.subList(0, read.size())).isEqualTo(read);
            assertThat(read.size()).isLessThan(ENTRIES.size());
            // And what is appended then is read.
            try (RequestLog log = RequestLog.open(file).log()) {
                log.append(List.of(ENTRIES.get(4)));
            }
            assertThat(reopened()).hasSize(read.size() + 1).endsWith(ENTRIES.get(4));
        }
    }

    @Test
    void anyOtherDamageIsSaid() throws IOException {
        written();
        byte[] whole = Files.readAllBytes(file);
        whole[8 + 5] ^= 1; // Of the first entry's content.
        Files.write(file, whole);
        assertThatThrownBy(this::reopened)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged at byte 8");
        Files.write(file, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9});
        assertThatThrownBy(this::reopened).hasMessageContaining("not a log of requests");
    }

    @Test
    void compactionLeavesWhatMatters() throws IOException {
        written();
        try (RequestLog log = RequestLog.open(file).log()) {
            long before = log.size();
            log.compact(ENTRIES.subList(4, 5));
            assertThat(log.size()).isLessThan(before).isEqualTo(Files.size(file));
            log.append(ENTRIES.subList(0, 1));
        }
        assertThat(reopened()).containsExactly(ENTRIES.get(4), ENTRIES.get(0));
        assertThat(folder.resolve("requests.new")).doesNotExist();
    }

    @Test
    void oneProcessUsesIt() throws IOException {
        try (RequestLog log = RequestLog.open(file).log()) {
            assertThat(log.size()).isEqualTo(8);
            assertThatThrownBy(() -> RequestLog.open(file)).hasMessageContaining("in use");
        }
    }
}
