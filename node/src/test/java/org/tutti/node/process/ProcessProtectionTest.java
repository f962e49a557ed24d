package org.tutti.node.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// In a process of its own, because it is for the rest of the process's life. Asks the kernel.
@Timeout(60)
class ProcessProtectionTest {
    @Test
    void theProcessIsNotDumpableAndMayLeaveNoCoreFile() throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:-UsePerfData",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                ProtectedProcess.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try {
            assertThat(process.inputReader(StandardCharsets.UTF_8).readLine())
                    .isEqualTo(
                            new ProcessProtection(Optional.empty(), Optional.empty()).toString());
            Path proc = Path.of("/proc/" + process.pid());
            assertThat(limit(proc.resolve("limits"), "Max core file size")).startsWith("0", "0");
            // The kernel gives the files of a process that is not dumpable to root.
            assertThat(Files.getAttribute(proc.resolve("maps"), "unix:uid")).isEqualTo(0);
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    @Test
    void whereNobodyAskedNothingIsPromised() {
        assertThat(ProcessProtection.NOT_ASKED_FOR.dumpable()).isPresent();
        assertThat(ProcessProtection.NOT_ASKED_FOR.coreFiles()).isPresent();
    }

    private static List<String> limit(Path file, String name) throws Exception {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(name))
                .findFirst()
                .map(line -> List.of(line.substring(name.length()).strip().split("\\s+")))
                .orElseThrow();
    }
}
