package org.tutti.node.events;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonObject;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

class EventsTest {
    private static final Instant AT = Instant.parse("2026-01-02T03:04:05.678901234Z");

    @Test
    void anEventIsOneJsonLineWithItsTime() {
        assertThat(json(new NodeEvent.PeerConnected("12D3KooWAlice", 1, 2)))
                .isEqualTo(
                        "{\"event\":\"peer-connected\",\"t\":1767323045678.901,"
                                + "\"peerId\":\"12D3KooWAlice\",\"connected\":1,\"members\":2}");
    }

    @Test
    void recordsInListsAndOptionalsBecomePlainJson() throws Exception {
        JsonObject signed =
                JsonLine.parse(
                        json(
                                new NodeEvent.Signed(
                                        "aa",
                                        "bb",
                                        "cc",
                                        List.of(new NodeEvent.Prevout("dd", 0, 5, "5120")),
                                        List.of(new NodeEvent.SignedInput("ee", "ff")))));
        assertThat(signed.objects("inputs").getFirst().string("sighash")).isEqualTo("ee");
        assertThat(signed.objects("prevouts").getFirst().integer("valueSat")).isEqualTo(5);
        JsonObject aborted =
                JsonLine.parse(
                        json(
                                new NodeEvent.Aborted(
                                        "aa",
                                        "b",
                                        "NO_ANSWER",
                                        "bob",
                                        List.of("x"),
                                        List.of(),
                                        List.of(),
                                        Optional.empty(),
                                        false)));
        assertThat(aborted.has("evidence")).isFalse();
        assertThat(aborted.strings("culprits")).containsExactly("x");
    }

    @Test
    void peopleGetWords() {
        assertThat(text(new NodeEvent.AllMembersConnected(3)))
                .isEqualTo("all 3 members are connected");
    }

    @Test
    void aMemberIsCalledByItsName() {
        assertThat(text(new NodeEvent.Ready("ab".repeat(32), 1, "12D3KooWAlice", 0)))
                .endsWith("session abababab: <12D3KooWAlice> is ready");
    }

    @Test
    void nothingInALineActsOnATerminal() {
        for (String evil : List.of("\r\u001b[1A2026 all is well", "a\nb", "\u202e", "\u2028")) {
            NodeEvent event = new NodeEvent.RequestReceived("aa", "12D3KooWAlice", evil);
            assertThat(json(event)).matches("[ -~]*");
        }
    }

    private static String json(NodeEvent event) {
        return new JsonEvents().line(AT, event);
    }

    private static String text(NodeEvent event) {
        return new TextEvents(id -> "<" + id + ">").text(event);
    }
}
