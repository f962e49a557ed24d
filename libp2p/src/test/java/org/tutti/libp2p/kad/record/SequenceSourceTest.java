package org.tutti.libp2p.kad.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tutti.libp2p.kad.record.RecordFixtures.MILLIS;
import static org.tutti.libp2p.kad.record.RecordFixtures.NOW;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

class SequenceSourceTest {
    @TempDir Path folder;

    @Test
    void aSequenceIsTheTimeOrOneMoreThanTheLast() throws Exception {
        SequenceSource source = new SequenceSource(SequenceStorage.none());
        assertThat(source.next(NOW)).isEqualTo(MILLIS);
        assertThat(source.next(NOW)).isEqualTo(MILLIS + 1);
        assertThat(source.next(NOW.minusMillis(5))).isEqualTo(MILLIS + 2);
        assertThat(source.next(NOW.plusMillis(100))).isEqualTo(MILLIS + 100);
    }

    @Test
    void aSequenceIsOnDiskBeforeAnybodySeesIt() throws Exception {
        List<Long> saved = new ArrayList<>();
        SequenceSource source =
                new SequenceSource(
                        new SequenceStorage() {
                            @Override
                            public long load() {
                                return 0;
                            }

                            @Override
                            public void save(long sequence) throws IOException {
                                if (saved.size() == 1) {
                                    saved.add(-1L);
                                    throw new IOException("the disk is full");
                                }
                                saved.add(sequence);
                            }
                        });
        assertThat(source.next(NOW)).isEqualTo(MILLIS);
        assertThatThrownBy(() -> source.next(NOW)).hasMessage("the disk is full");
        assertThat(source.next(NOW)).isEqualTo(MILLIS + 1);
        assertThat(saved).containsExactly(MILLIS, -1L, MILLIS + 1);
    }

    @Test
    void aRestartGoesOnAboveTheLastOne() throws Exception {
        Path file = folder.resolve("sequence");
        new SequenceSource(new FileSequenceStorage(file)).next(NOW);
        assertThat(Files.getPosixFilePermissions(file))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        SequenceSource again = new SequenceSource(new FileSequenceStorage(file));
        assertThat(again.next(NOW.minusSeconds(30))).isEqualTo(MILLIS + 1);
    }

    @Test
    void anAuthorWhoseDiskIsLostGoesOnWithTheTime() throws Exception {
        Path file = folder.resolve("sequence");
        long last = new SequenceSource(new FileSequenceStorage(file)).next(NOW);
        Files.delete(file);
        SequenceSource again = new SequenceSource(new FileSequenceStorage(file));
        assertThat(again.next(NOW.plusMillis(1))).isGreaterThan(last);
    }

    @Test
    void aClockThatWentBackMakesNoRecordsThatReadersWouldRefuse() throws Exception {
        SequenceSource source = new SequenceSource(SequenceStorage.none());
        source.next(NOW);
        assertThatThrownBy(() -> source.next(NOW.minusSeconds(60)))
                .isInstanceOf(SequenceException.class)
                .hasMessageContaining(NOW.toString());
        assertThat(source.next(NOW.minusSeconds(60).plusMillis(1))).isEqualTo(MILLIS + 1);
    }

    @Test
    void aDamagedFileCountsAsLost() throws Exception {
        Path file = folder.resolve("sequence");
        FileSequenceStorage storage = new FileSequenceStorage(file);
        storage.save(MILLIS);
        byte[] content = Files.readAllBytes(file);
        assertThat(content).hasSize(20);
        for (int i = 0; i < content.length; i++) {
            byte[] damaged = content.clone();
            damaged[i] ^= 1;
            Files.write(file, damaged);
            assertThat(storage.load()).isZero();
        }
        for (int length : new int[] {0, 19, 21}) {
            Files.write(file, java.util.Arrays.copyOf(content, length));
            assertThat(storage.load()).isZero();
        }
        Files.write(file, content);
        assertThat(storage.load()).isEqualTo(MILLIS);
    }

    @Test
    void whatIsNoFileIsSaidToTheOwner() throws Exception {
        Path file = folder.resolve("sequence");
        Files.createSymbolicLink(file, folder.resolve("elsewhere"));
        assertThatThrownBy(() -> new FileSequenceStorage(file).load())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("regular file");
    }
}
