package org.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonObject;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// `./tutti p2p listen` as a process of its own.
@Timeout(120)
class P2pListenProcessTest {
    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void stop() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    private Process start(String... options) throws IOException {
        List<String> command = new ArrayList<>(Ended.java(List.of(), "p2p", "listen", "--json"));
        command.addAll(List.of(options));
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        processes.add(process);
        return process;
    }

    private static JsonObject await(BufferedReader lines, String event) throws Exception {
        while (true) {
            String line = lines.readLine();
            assertThat(line).as("waiting for " + event).isNotNull();
            JsonObject object = JsonLine.parse(line);
            if (object.text("event").filter(event::equals).isPresent()) {
                return object;
            }
        }
    }

    private static JsonObject run(String... args) throws Exception {
        StringWriter out = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(out, true), args);
        assertThat(code).as(out.toString()).isEqualTo(ExitCodes.OK);
        return JsonLine.parse(out.toString().strip());
    }

    @Test
    void itAnswersWhateverTheOtherCommandsAskAndEndsWithItsInput() throws Exception {
        Process process = start("--exit-on-eof", "--perf");
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        JsonObject listening = await(lines, "listening");
        String address = listening.strings("addresses").getFirst();
        String peerId = listening.string("peerId");
        for (String[] args :
                new String[][] {
                    {"p2p", "ping", address, "--count", "2", "--json"},
                    {"p2p", "identify", address, "--json"},
                    {"p2p", "echo", address, "--json"},
                    {"p2p", "perf", address, "--upload", "100000", "--download", "100000", "--json"}
                }) {
            assertThat(run(args).string("peerId")).isEqualTo(peerId);
        }
        await(lines, "connected");
        await(lines, "closed");
        process.outputWriter().write("{\"cmd\":\"stats\"}\n");
        process.outputWriter().flush();
        await(lines, "stats");
        process.outputWriter().close();
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void withoutThatItOutlivesItsInputAndEndsAtSigterm() throws Exception {
        Process process = start();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        String address = await(lines, "listening").strings("addresses").getFirst();
        // Whoever may connect could make it send without end.
        StringWriter out = new StringWriter();
        PrintWriter printer = new PrintWriter(out, true);
        assertThat(Main.run(printer, printer, "p2p", "perf", address, "--json"))
                .isNotEqualTo(ExitCodes.OK);
        assertThat(out.toString()).contains("\"code\":\"PROTOCOL_NOT_SUPPORTED\"");
        process.outputWriter().write("{\"cmd\":\"stats\"}\n");
        process.outputWriter().close();
        await(lines, "stats");
        process.destroy();
        assertThat(process.waitFor()).isZero();
    }
}
