package org.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonLineException;
import org.tutti.node.json.JsonObject;
import org.tutti.regtest.RegtestNode;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Lines in, JSON out.
class RegtestConsoleTest {
    private static final String ADDRESS =
            "bcrt1p2zffkaxp5py4fdutfdsrt6t6tcrc5ks09rkfd428hlhf4n5q8tqq5az5cr";

    private final StringWriter out = new StringWriter();

    private boolean run(String commands) throws IOException {
        RegtestConsole console = new RegtestConsole(new PrintWriter(out, true));
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (RegtestNode node =
                RegtestNode.start(any, Clock.systemUTC(), new SecureRandom(), console)) {
            console.listening(node);
            return console.readCommands(
                    node, new ByteArrayInputStream(commands.getBytes(StandardCharsets.UTF_8)));
        }
    }

    private List<JsonObject> events() {
        return out.toString().lines().map(RegtestConsoleTest::parse).toList();
    }

    private static JsonObject parse(String line) {
        try {
            return JsonLine.parse(line);
        } catch (JsonLineException e) {
            throw new AssertionError(line, e);
        }
    }

    private List<String> names() {
        return events().stream().map(event -> event.text("event").orElse("")).toList();
    }

    @Test
    void itMinesAndReorganises() throws IOException, JsonLineException {
        assertThat(run("mine 3 " + ADDRESS + "\n\nreorg 1\nstatus\n")).isFalse();
        assertThat(names()).containsExactly("listening", "mined", "reorged", "status");
        JsonObject listening = events().getFirst();
        assertThat(listening.flag("fixture")).isTrue();
        assertThat(listening.string("host")).isEqualTo("127.0.0.1");
        assertThat(listening.string("address")).isEqualTo("127.0.0.1:" + listening.integer("port"));
        assertThat(events().get(1).integer("count")).isEqualTo(3);
        assertThat(events().get(1).integer("height")).isEqualTo(3);
        assertThat(events().get(1).string("tip")).hasSize(64);
        assertThat(events().get(2).integer("height")).isEqualTo(4);
    }

    @Test
    void invalidCommandsAreAnsweredAndItGoesOn() throws IOException {
        String commands =
                String.join(
                        "\n",
                        "mine",
                        "mine x " + ADDRESS,
                        "mine 0 " + ADDRESS,
                        "mine 1 nobody",
                        "evict",
                        "evict " + "00".repeat(32),
                        "reorg 7",
                        "dance \"\\",
                        "m".repeat(2_000),
                        "mine 1 " + ADDRESS,
                        "quit",
                        "mine 1 " + ADDRESS);
        assertThat(run(commands)).isTrue();
        List<String> expected = new ArrayList<>(Collections.nCopies(9, "error"));
        expected.add("mined");
        assertThat(names().stream().skip(1)).containsExactlyElementsOf(expected);
    }

    @Test
    void badOptionsAreNamed() {
        for (String listen : List.of("127.0.0.1:99999", "127.0.0.1:", "127.0.0.1:x", ":5")) {
            StringWriter err = new StringWriter();
            assertThat(start(err, listen)).isEqualTo(ExitCodes.USAGE);
            assertThat(err.toString()).startsWith("tutti: --listen: ");
        }
        assertThat(out.toString()).isEmpty();
    }

    private int start(StringWriter err, String listen) {
        return Main.run(
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                "regtest",
                "--listen",
                listen,
                "--exit-on-eof");
    }

    @Test
    void aPortInUseIsOneLineOnStandardError() throws IOException {
        StringWriter err = new StringWriter();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(start(err, "127.0.0.1:" + taken.getLocalPort()))
                    .isEqualTo(ExitCodes.ENVIRONMENT);
        }
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .startsWith("tutti: cannot listen on 127.0.0.1:");
    }
}
