package org.tutti.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;

class DurableFileTest {
    private static final byte[] ONE = "one".getBytes(UTF_8);
    private static final byte[] TWO = "two".getBytes(UTF_8);

    @TempDir Path folder;

    private void assertOnly(Path file, byte[] content) throws IOException {
        assertThat(file).hasBinaryContent(content);
        assertThat(Files.getPosixFilePermissions(file))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        try (Stream<Path> all = Files.list(folder)) {
            assertThat(all.filter(f -> f.toString().endsWith(".tmp"))).isEmpty();
        }
    }

    @Test
    void aFileIsMadeForItsOwnerAlone() throws Exception {
        Path file = folder.resolve("a");
        DurableFile.create(file, ONE);
        assertOnly(file, ONE);
    }

    @Test
    void whatIsThereIsNotReplacedUnlessAskedFor() throws Exception {
        Path file = folder.resolve("a");
        DurableFile.create(file, ONE);
        assertThatThrownBy(() -> DurableFile.create(file, TWO))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertOnly(file, ONE);
        DurableFile.replace(file, TWO);
        assertOnly(file, TWO);
        DurableFile.replace(folder.resolve("b"), ONE);
        assertOnly(folder.resolve("b"), ONE);
    }

    @Test
    void aLinkIsNotFollowed() throws Exception {
        Path target = folder.resolve("target");
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);
        assertThatThrownBy(() -> DurableFile.create(link, ONE))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(target).doesNotExist();
        DurableFile.replace(link, ONE);
        assertThat(target).doesNotExist();
        assertThat(link).isRegularFile();
        assertOnly(link, ONE);
    }

    @Test
    void aFolderThatIsNotThereIsNotMade() {
        assertThatThrownBy(() -> DurableFile.create(folder.resolve("x/a"), ONE))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> DurableFile.replace(folder.resolve("x/a"), ONE))
                .isInstanceOf(NoSuchFileException.class);
    }
}
