package org.tutti.musig.internal.secp256k1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

class NativeStartTest {
    @TempDir private Path folder;

    @Test
    void theLibraryIsThereAndPassesItsSelfTest() {
        assertThatCode(LibSecp256k1::require).doesNotThrowAnyException();
        assertThatCode(SelfTest::run).doesNotThrowAnyException();
    }

    @Test
    void withoutTheLibraryEveryCallSaysSo() throws Exception {
        List<String> lines = startWith("-Dfr.acinq.secp256k1.lib.path=" + folder);
        assertThat(lines)
                .hasSize(2)
                .allSatisfy(line ->
                        assertThat(line)
                                .startsWith("NOT_AVAILABLE: no libsecp256k1 for ")
                                .contains(System.getProperty("os.arch")));
    }

    @Test
    void loadingLeavesNoFileBehind() throws Exception {
        assertThat(startWith("-Djava.io.tmpdir=" + folder)).containsExactly("works", "works");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.filter(path -> !path.endsWith("hsperfdata")).toList()).isEmpty();
        }
    }

    @Test
    void withoutATemporaryFolderAnotherIsTaken() throws Exception {
        String none = "-Djava.io.tmpdir=" + Files.writeString(folder.resolve("file"), "");
        assertThat(startWith(none)).containsExactly("works", "works");
    }

    @Test
    void aFolderThatTheUserChoseIsNotReplaced() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThat(startWith("-Dfr.acinq.secp256k1.tmpdir=" + file))
                .hasSize(2)
                .allSatisfy(
                        line -> assertThat(line).startsWith("NOT_AVAILABLE: ").contains("file"));
    }

    private static List<String> startWith(String option) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-XX:+UseSerialGC");
        command.add(option);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(ProcessWithoutLibrary.class.getName());
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return out.lines().toList();
    }
}
