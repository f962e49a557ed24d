package org.tutti.node.files;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;

class TemporaryFolderTest {
    @TempDir Path folder;

    @Test
    void aFolderWithRoomWillDoAndIsLeftAsItWas() {
        assertThat(TemporaryFolder.fault(folder, 1)).isEmpty();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFolderThatIsNotThereIsNamedWithWhatToDo() {
        Path none = folder.resolve("none");
        assertThat(TemporaryFolder.fault(none, 1))
                .contains(
                        "no temporary folder: "
                                + none
                                + ": no such file or folder; name another:"
                                + " TUTTI_JAVA_OPTS=-Djava.io.tmpdir=FOLDER");
    }

    @Test
    void aFileIsNoFolder() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThat(TemporaryFolder.fault(file, 1)).isPresent();
    }

    @Test
    void tooLittleRoomIsSaidInNumbers() {
        assertThat(TemporaryFolder.fault(folder, Long.MAX_VALUE))
                .get()
                .asString()
                .contains("KiB are free of 9007199254740991 KiB");
    }
}
