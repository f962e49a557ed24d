package org.tutti.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/// Only what is provably a dead demo's is deleted.
class StaleFoldersTest {
    @TempDir Path parent;

    @Test
    void whatADeadDriverLeftIsDeletedWithAllThatIsInIt() throws Exception {
        Path dead = demo("tutti-demo-1");
        Files.writeString(dead.resolve(StaleFolders.LOCK_FILE), "");
        Files.writeString(Files.createDirectory(dead.resolve("node-1")).resolve("journal"), "x");
        sweep();
        assertThat(dead).doesNotExist();
    }

    /// That another process's lock is seen is tested with a running demo in [DemoEndsTest].
    @Test
    void aFolderOfThisProcessStays() throws Exception {
        Path alive = demo(StaleFolders.ownPrefix() + "1");
        try (FileChannel _ = StaleFolders.mark(alive)) {
            sweep();
            assertThat(alive.resolve(StaleFolders.LOCK_FILE)).exists();
        }
        assertThat(alive.resolve(StaleFolders.LOCK_FILE + ".new")).doesNotExist();
    }

    @Test
    void whatHasNoLockFileOrIsNoFolderOfOursStays() throws Exception {
        Path kept = demo("tutti-demo-1");
        Path named = Files.createDirectory(parent.resolve("something-else"));
        Files.writeString(named.resolve(StaleFolders.LOCK_FILE), "");
        Path link = Files.createSymbolicLink(parent.resolve("tutti-demo-2"), named);
        Path file = Files.writeString(parent.resolve("tutti-demo-3"), "x");
        Path linked = demo("tutti-demo-4");
        Files.createSymbolicLink(
                linked.resolve(StaleFolders.LOCK_FILE), named.resolve(StaleFolders.LOCK_FILE));
        sweep();
        assertThat(kept).exists();
        assertThat(named.resolve(StaleFolders.LOCK_FILE)).exists();
        assertThat(link).exists();
        assertThat(file).exists();
        assertThat(linked).exists();
    }

    private Path demo(String name) throws IOException {
        return Files.createDirectory(parent.resolve(name));
    }

    private void sweep() throws IOException {
        Path own = Files.createDirectory(parent.resolve("own"));
        StaleFolders.deleteBeside(own);
        Files.delete(own);
    }
}
