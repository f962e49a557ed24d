package org.tutti.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.app.cli.Main;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// What is left when the demo is ended half-way: nothing.
@Timeout(120)
class DemoEndsTest {
    @TempDir Path temporary;

    @Test
    void endedPolitelyItLeavesNoProcessAndNoFolder() throws Exception {
        Process demo = startAndAwaitNodes();
        List<ProcessHandle> processes = demo.descendants().toList();
        assertThat(processes).hasSizeGreaterThanOrEqualTo(4);
        // Nobody who looks for what dead demos left takes this one for dead.
        Path next = Files.createDirectory(temporary.resolve("next"));
        StaleFolders.deleteBeside(next);
        assertThat(demoFolders()).hasSize(1);
        Files.delete(next);
        // Unlike the process's own, this does not close the pipe that it prints to.
        demo.toHandle().destroy();
        List<String> lines = demo.inputReader(StandardCharsets.UTF_8).lines().toList();
        assertThat(demo.waitFor(30, TimeUnit.SECONDS)).isTrue();
        awaitEnd(processes);
        assertThat(folders()).isEmpty();
        assertThat(lines.getLast())
                .contains("\"event\":\"done\",\"ok\":false,\"code\":\"INTERRUPTED\"");
    }

    @Test
    void killedItTakesItsProcessesAlong() throws Exception {
        Process demo = startAndAwaitNodes();
        List<ProcessHandle> processes = demo.descendants().toList();
        assertThat(processes).hasSizeGreaterThanOrEqualTo(4);
        demo.destroyForcibly();
        assertThat(demo.waitFor(30, TimeUnit.SECONDS)).isTrue();
        awaitEnd(processes);
        // Nobody was left to delete its folder: the next demo does.
        assertThat(demoFolders()).hasSize(1);
        StaleFolders.deleteBeside(Files.createDirectory(temporary.resolve("next")));
        assertThat(demoFolders()).isEmpty();
    }

    /// Returns while the nodes run: the reader of the demo's output stops there, on a full pipe at
    /// the latest.
    private Process startAndAwaitNodes() throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(new JavaCommand(Main.class).line(List.of("demo", "--json")));
        builder.environment().put("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + temporary);
        builder.redirectError(temporary.resolve("errors").toFile());
        Process demo = builder.start();
        BufferedReader out = demo.inputReader(StandardCharsets.UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.contains("\"event\":\"listening\",\"from\":\"node-")) {
                return demo;
            }
        }
        throw new AssertionError(
                "the demo ended: " + Files.readString(temporary.resolve("errors")));
    }

    private static void awaitEnd(List<ProcessHandle> processes) throws Exception {
        for (ProcessHandle process : processes) {
            process.onExit().get(30, TimeUnit.SECONDS);
        }
    }

    /// Without what a node that just starts keeps there for a moment.
    private List<Path> demoFolders() throws IOException {
        return folders().stream()
                .filter(folder -> folder.getFileName().toString().startsWith(StaleFolders.PREFIX))
                .toList();
    }

    private List<Path> folders() throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.filter(Files::isDirectory).toList();
        }
    }
}
