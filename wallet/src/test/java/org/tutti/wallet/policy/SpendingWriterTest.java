package org.tutti.wallet.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.wallet.policy.SpendingWindow.Approved;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;

/// The file of approvals and the thread that writes it, on a disk that is watched, or fails.
class SpendingWriterTest {
    private static final Approved APPROVED =
            new Approved(Txid.hashOf(new byte[] {1}), Instant.EPOCH, 7);

    @TempDir Path folder;
    private final WatchedDisk disk = new WatchedDisk();
    private final List<Approved> counted = new ArrayList<>(List.of(APPROVED));

    /// Knows what was forced, and through which channels. Nothing reaches a real disk.
    private static final class WatchedDisk implements SpendingFile.Disk {
        private final List<String> forced = new ArrayList<>();
        private final Set<FileChannel> channels = new LinkedHashSet<>();
        private boolean fails;

        @Override
        public synchronized void force(Path path, FileChannel channel, boolean metadata)
                throws IOException {
            forced.add(path.getFileName() + (metadata ? " with metadata" : ""));
            channels.add(channel);
            if (fails) {
                throw new IOException("full");
            }
        }

        synchronized void fails(boolean now) {
            fails = now;
        }

        /// What was forced since the last look.
        synchronized List<String> look() {
            List<String> seen = List.copyOf(forced);
            forced.clear();
            return seen;
        }

        synchronized long open() {
            return channels.stream().filter(FileChannel::isOpen).count();
        }
    }

    private SpendingFile file() throws IOException {
        return SpendingFile.open(folder.resolve("approved"), new ArrayList<>(), disk);
    }

    private List<String> replaced() {
        return List.of("approved.new with metadata", folder.getFileName() + " with metadata");
    }

    @Test
    void aNewFileIsOnDiskBeforeItHasItsNameAndItsNameThen() throws Exception {
        file().close();
        assertThat(disk.look()).isEqualTo(replaced());
        assertThat(disk.open()).isZero();
    }

    @Test
    void aFileThatIsReplacedIsClosed() throws Exception {
        try (SpendingFile file = file()) {
            file.replace(List.of());
            assertThat(disk.open()).isEqualTo(1);
        }
        assertThat(disk.open()).isZero();
    }

    @Test
    void aNewFileThatCannotBeWrittenIsClosed() {
        disk.fails(true);
        assertThatThrownBy(this::file).isInstanceOf(IOException.class).hasMessage("full");
        assertThat(disk.open()).isZero();
    }

    @Test
    void theLongestFileIsReadAndOneByteMoreIsNot() throws Exception {
        try (RandomAccessFile zeros =
                new RandomAccessFile(folder.resolve("approved").toFile(), "rw")) {
            zeros.setLength(SpendingFile.MAX_BYTES);
            assertThatThrownBy(this::file).hasMessageContaining("damaged");
            zeros.setLength(SpendingFile.MAX_BYTES + 1);
            assertThatThrownBy(this::file).hasMessageContaining("longer than");
        }
    }

    @Test
    void anApprovalIsForcedBeforeItIsSaidToBeWritten() throws Exception {
        try (SpendingWriter writer = writer(file())) {
            disk.look();
            assertThat(writer.append(APPROVED).get()).isTrue();
            assertThat(disk.look()).containsExactly("approved");
            assertThat(writer.failed()).isFalse();
        }
        assertThat(disk.open()).isZero();
    }

    @Test
    void afterAFailureNothingIsWrittenThoughTheDiskIsWellAgain() throws Exception {
        try (SpendingWriter writer = writer(file())) {
            disk.fails(true);
            assertThat(writer.append(APPROVED).get()).isFalse();
            assertThat(writer.failed()).isTrue();
            disk.fails(false);
            disk.look();
            assertThat(writer.append(APPROVED).get()).isFalse();
            assertThat(disk.look()).isEmpty();
        }
        assertThat(disk.open()).isZero();
    }

    @Test
    void theFileIsWrittenAnewWhenItHasManyMoreEntriesThanCount() throws Exception {
        try (SpendingWriter writer = writer(file())) {
            disk.look();
            for (int i = 0; i < 2 * counted.size() + SpendingWriter.SLACK; i++) {
                assertThat(writer.append(APPROVED).get()).isTrue();
            }
            assertThat(disk.look()).containsOnly("approved");
            assertThat(writer.append(APPROVED).get()).isTrue();
            assertThat(disk.look())
                    .containsExactly("approved", replaced().getFirst(), replaced().getLast());
        }
    }

    /// The node is told to stop, and its files are closed in order nevertheless.
    @Test
    void anInterruptWhileClosingIsKeptForTheCallerAndStopsNothing() throws Exception {
        CountDownLatch mayForce = new CountDownLatch(1);
        SpendingFile file =
                SpendingFile.open(
                        folder.resolve("approved"),
                        new ArrayList<>(),
                        (path, channel, metadata) -> {
                            disk.force(path, channel, metadata);
                            if (!metadata) {
                                await(mayForce);
                            }
                        });
        SpendingWriter writer = writer(file);
        FutureTask<Boolean> closing =
                new FutureTask<>(() -> {
                    Thread.currentThread().interrupt();
                    writer.close();
                    return Thread.currentThread().isInterrupted();
                });
        Thread closer = Thread.ofPlatform().daemon(true).start(closing);
        while (closer.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        mayForce.countDown();
        assertThat(closing.get()).isTrue();
        assertThat(disk.open()).isZero();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private SpendingWriter writer(SpendingFile file) {
        SpendingWriter writer = new SpendingWriter(file, () -> counted);
        writer.start();
        return writer;
    }
}
