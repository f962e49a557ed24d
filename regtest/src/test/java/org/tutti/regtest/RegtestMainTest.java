package org.tutti.regtest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The process, run inside the test: lines in, JSON out.
class RegtestMainTest {
    private static final String ADDRESS =
            "bcrt1p2zffkaxp5py4fdutfdsrt6t6tcrc5ks09rkfd428hlhf4n5q8tqq5az5cr";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String commands, String... args) {
        return RegtestMain.run(
                List.of(args),
                new ByteArrayInputStream(commands.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private List<JsonNode> events() {
        return out.toString(StandardCharsets.UTF_8)
                .lines()
                .map(line -> JsonMapper.shared().readTree(line))
                .toList();
    }

    private static String event(JsonNode json) {
        return json.get("event").asString();
    }

    @Test
    void itListensMinesReorganisesAndEndsWithItsInput() {
        String commands = "mine 3 " + ADDRESS + "\n\nreorg 1\nstatus\n";
        assertThat(run(commands, "--json", "--exit-on-eof")).isEqualTo(RegtestMain.OK);
        List<JsonNode> events = events();
        assertThat(events.stream().map(RegtestMainTest::event))
                .containsExactly("listening", "mined", "reorged", "status");
        JsonNode listening = events.getFirst();
        assertThat(listening.get("fixture").asBoolean()).isTrue();
        assertThat(listening.get("host").asString()).isEqualTo("127.0.0.1");
        assertThat(listening.get("address").asString())
                .isEqualTo("127.0.0.1:" + listening.get("port").asInt());
        assertThat(events.get(1).get("count").asInt()).isEqualTo(3);
        assertThat(events.get(1).get("height").asInt()).isEqualTo(3);
        assertThat(events.get(1).get("tip").asString()).hasSize(64);
        assertThat(events.get(2).get("height").asInt()).isEqualTo(4);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void commandsThatMakeNoSenseAreAnsweredAndItGoesOn() {
        String commands =
                String.join(
                        "\n",
                        "mine",
                        "mine x " + ADDRESS,
                        "mine 0 " + ADDRESS,
                        "mine 1 nobody",
                        "reorg 7",
                        "dance \"\\",
                        "m".repeat(2_000),
                        "mine 1 " + ADDRESS,
                        "quit",
                        "mine 1 " + ADDRESS);
        assertThat(run(commands)).isEqualTo(RegtestMain.OK);
        assertThat(events().stream().skip(1).map(RegtestMainTest::event))
                .containsExactly(
                        "error", "error", "error", "error", "error", "error", "error", "mined");
    }

    @Test
    void badOptionsAreOneLineOnStandardError() {
        assertThat(run("", "--port", "99999")).isEqualTo(RegtestMain.USAGE);
        assertThat(run("", "--port")).isEqualTo(RegtestMain.USAGE);
        assertThat(run("", "--dance")).isEqualTo(RegtestMain.USAGE);
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .hasSize(3)
                .allMatch(line -> line.startsWith("tutti regtest: "));
        assertThat(out.size()).isZero();
    }

    @Test
    void aPortInUseIsOneLineOnStandardError() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            assertThat(run("", "--port", port)).isEqualTo(RegtestMain.CANNOT_LISTEN);
        }
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .contains("cannot listen");
    }

    @Test
    void theHelpSaysThatItIsAFixture() {
        assertThat(run("", "--help")).isEqualTo(RegtestMain.OK);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("FIXTURE", "mine N ADDRESS");
    }
}
