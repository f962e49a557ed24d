package org.tutti.musig.internal.secp256k1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

class UnpackFolderTest {
    @TempDir private Path folder;

    @Test
    void theTemporaryFolderComesFirstAndTheWorkingFolderLast() {
        Map<String, String> properties =
                Map.of("java.io.tmpdir", "/t", "user.home", "/home/u", "user.dir", "/w");
        Map<String, String> environment = Map.of("XDG_RUNTIME_DIR", "/run/user/1");
        assertThat(UnpackFolder.candidates(properties::get, environment::get))
                .containsExactly(
                        Path.of("/t"),
                        Path.of("/run/user/1"),
                        Path.of("/dev/shm"),
                        Path.of("/var/tmp"),
                        Path.of("/home/u/.cache"),
                        Path.of("/home/u"),
                        Path.of("/w"));
    }

    @Test
    void aFolderThatIsNamedTwiceIsTriedOnce() {
        Map<String, String> properties = Map.of("java.io.tmpdir", "/var/tmp", "user.dir", "");
        assertThat(UnpackFolder.candidates(properties::get, name -> null))
                .containsExactly(Path.of("/var/tmp"), Path.of("/dev/shm"));
    }

    @Test
    void theFirstThatWillDoIsTakenAndLeftAsItWas() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        Path good = Files.createDirectory(folder.resolve("good"));
        UnpackFolder taken = UnpackFolder.in(List.of(folder.resolve("none"), file, good));
        assertThat(taken.path().getParent()).isEqualTo(good);
        assertThat(taken.path()).isEmptyDirectory();
        taken.remove();
        assertThat(good).isEmptyDirectory();
    }

    @Test
    void aLibraryInItIsRemovedWithIt() throws Exception {
        UnpackFolder taken = UnpackFolder.in(List.of(folder));
        Files.writeString(taken.path().resolve("library.so"), "");
        taken.remove();
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.toList()).isEmpty();
        }
    }

    @Test
    void whereNoneWillDoEachIsNamedWithItsReason() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        Path none = folder.resolve("none");
        assertThatThrownBy(() -> UnpackFolder.in(List.of(none, file)))
                .isInstanceOf(IOException.class)
                .hasMessage(none + ": no such folder, " + file + ": Not a directory");
    }
}
