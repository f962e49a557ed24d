package org.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.tutti.app.exit.ExitCodes;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A process of its own that has ended, and what it said.
record Ended(int exitCode, String out, String err) {
    /// How commands of Tutti start by the class path, as whoever embeds them does.
    static List<String> java(List<String> options, String... args) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(args));
        return command;
    }

    /// Runs it to its end, with nothing to read.
    static Ended run(ProcessBuilder builder) throws IOException, InterruptedException {
        Path out = Files.createTempFile("tutti-test-", ".out");
        Path err = Files.createTempFile("tutti-test-", ".err");
        try {
            Process process =
                    builder.redirectInput(Path.of("/dev/null").toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile())
                            .start();
            boolean ended = process.waitFor(120, TimeUnit.SECONDS);
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
            assertThat(ended).as("the process ends").isTrue();
            // What it says of bytes that are no text may be such bytes.
            return new Ended(
                    process.exitValue(),
                    new String(Files.readAllBytes(out), StandardCharsets.UTF_8),
                    new String(Files.readAllBytes(err), StandardCharsets.UTF_8));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /// It refused because of its surroundings, in one line.
    void assertEnvironmentFailure(String reason) {
        assertThat(err).contains(reason);
        assertThat(err.lines().filter(line -> line.startsWith("tutti: "))).hasSize(1);
        assertThat(err).doesNotContain("\tat ").doesNotContain("defect");
        assertThat(exitCode).as(err).isEqualTo(ExitCodes.ENVIRONMENT);
    }
}
