package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.node.daemon.NodeException.Kind;

import java.nio.file.Files;
import java.nio.file.Path;

class DataFolderTest {
    @TempDir Path folder;

    @Test
    void aFolderIsLockedUntilItIsClosed() {
        try (DataFolder _ = DataFolder.lock(folder)) {
            refused(folder, "DATA_FOLDER_LOCKED", Kind.ENVIRONMENT, "another node is running");
        }
        DataFolder.lock(folder).close();
    }

    @Test
    void aFolderThatIsNotThereSaysHowToMakeIt() {
        Path none = folder.resolve("none");
        refused(none, "NO_DATA_FOLDER", Kind.CONFIGURATION, "node init --data " + none);
    }

    @Test
    void aFolderThatCannotHoldTheLockFileIsRefused() throws Exception {
        Files.createDirectory(folder.resolve("lock"));
        refused(folder, "NO_DATA_FOLDER", Kind.ENVIRONMENT, "cannot be used");
    }

    private static void refused(Path path, String code, Kind kind, String reason) {
        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> DataFolder.lock(path))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(code);
                    assertThat(e.kind()).isEqualTo(kind);
                    assertThat(e.reason()).contains(path.toString()).contains(reason);
                });
    }
}
