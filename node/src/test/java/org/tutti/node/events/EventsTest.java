package org.tutti.node.events;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonObject;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

class EventsTest {
    private final InstantSource clock = () -> Instant.parse("2026-01-02T03:04:05.678901234Z");
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void anEventIsOneJsonLineWithItsTime() throws Exception {
        new JsonEvents(out, clock).emit(new NodeEvent.PeerConnected("12D3KooWAlice", 1, 2));
        assertThat(line())
                .isEqualTo(
                        "{\"event\":\"peer-connected\",\"t\":1767323045678.901,"
                                + "\"peerId\":\"12D3KooWAlice\",\"connected\":1,\"members\":2}");
    }

    @Test
    void recordsInListsAndOptionalsBecomePlainJson() throws Exception {
        JsonEvents events = new JsonEvents(out, clock);
        events.emit(
                new NodeEvent.Signed(
                        "aa",
                        "bb",
                        "cc",
                        List.of(new NodeEvent.Prevout("dd", 0, 5, "5120")),
                        List.of(new NodeEvent.SignedInput("ee", "ff"))));
        JsonObject signed = JsonLine.parse(line());
        assertThat(signed.objects("inputs").getFirst().string("sighash")).isEqualTo("ee");
        assertThat(signed.objects("prevouts").getFirst().integer("valueSat")).isEqualTo(5);
        bytes.reset();
        events.emit(
                new NodeEvent.Aborted(
                        "aa",
                        "b",
                        "NO_ANSWER",
                        "bob",
                        List.of("x"),
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        false));
        JsonObject aborted = JsonLine.parse(line());
        assertThat(aborted.has("evidence")).isFalse();
        assertThat(aborted.strings("culprits")).containsExactly("x");
    }

    @Test
    void peopleGetOneLineWithTheTimeOfDay() {
        new TextEvents(out, clock, ZoneOffset.UTC).emit(new NodeEvent.AllMembersConnected(3));
        assertThat(line()).isEqualTo("03:04:05.678  all 3 members are connected");
    }

    private String line() {
        String text = bytes.toString(StandardCharsets.UTF_8);
        assertThat(text).endsWith("\n");
        return text.strip();
    }
}
