package org.tutti.libp2p.peerscore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.libp2p.internal.files.DamagedFiles;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

class FilePeerScoreStorageTest {
    private static final Instant THEN = Instant.parse("2026-01-02T03:04:05.678Z");

    @TempDir private Path folder;
    private Path file;
    private FilePeerScoreStorage storage;

    private final List<StoredPeerScore> scores =
            List.of(
                    new StoredPeerScore(PeerScoresTest.peer(1), 0.25, THEN, "FLOOD"),
                    new StoredPeerScore(PeerScoresTest.peer(2), 1_000, THEN, "KAD_FORGED_RECORD"));

    @BeforeEach
    void open() {
        file = folder.resolve("scores");
        storage = new FilePeerScoreStorage(file);
    }

    @Test
    void whatIsSavedIsLoaded() throws Exception {
        assertThat(storage.load()).isEmpty();
        storage.save(scores);
        assertThat(new FilePeerScoreStorage(file).load()).isEqualTo(scores);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aFileThatIsTornOrDamagedIsMovedAside() throws Exception {
        storage.save(scores);
        DamagedFiles.requireMovedAside(file, storage::load);
    }

    @Test
    void theFileIsBoundedAndTheLargestTableFits() throws Exception {
        String code = "C".repeat(PeerScores.MAX_CODE_LENGTH);
        storage.save(
                IntStream.range(0, PeerScores.MAX_PEERS)
                        .mapToObj(i -> new StoredPeerScore(PeerScoresTest.peer(i), 1, THEN, code))
                        .toList());
        assertThat(Files.size(file)).isLessThanOrEqualTo(FilePeerScoreStorage.MAX_LENGTH);
        assertThat(storage.load()).hasSize(PeerScores.MAX_PEERS);
        Files.write(file, new byte[FilePeerScoreStorage.MAX_LENGTH + 1]);
        assertThat(storage.load()).isEmpty();
        assertThat(file).doesNotExist();
    }
}
